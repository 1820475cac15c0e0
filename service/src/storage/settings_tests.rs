use super::*;

fn sqlite(path: &str) -> Result<DatabasePlace, PlaceError> {
    Ok(DatabasePlace::Sqlite(Location::File(path.into())))
}

#[test]
fn a_path_and_a_url_of_sqlite_name_a_file() {
    for (text, path) in [
        ("x.db", "x.db"),
        ("/var/x.db", "/var/x.db"),
        ("./a:b", "./a:b"),
        ("C:/x.db", "C:/x.db"),
        ("sqlite:x.db", "x.db"),
        ("sqlite://x.db", "x.db"),
        ("SQLite:///var/x.db", "/var/x.db"),
    ] {
        assert_eq!(text.parse::<DatabasePlace>(), sqlite(path), "{text}");
    }
    for memory in [":memory:", "sqlite::memory:", "sqlite://:memory:"] {
        assert_eq!(
            memory.parse(),
            Ok(DatabasePlace::Sqlite(Location::Memory)),
            "{memory}"
        );
    }
    for nothing in ["sqlite:", "sqlite://", "sqlite://x.db?mode=rwc"] {
        assert_eq!(
            nothing.parse::<DatabasePlace>(),
            Err(PlaceError::Sqlite),
            "{nothing}"
        );
    }
}

#[test]
fn a_url_of_postgresql_is_shown_as_host_and_database() {
    for (text, shown) in [
        (
            "postgres://ana:hunter2@db.example/kept",
            "postgres://db.example:5432/kept",
        ),
        (
            "postgresql://db:6432/kept?password=hunter2&sslmode=verify-full",
            "postgres://db:6432/kept",
        ),
        ("POSTGRES://db/kept", "postgres://db:5432/kept"),
        ("postgres://ana:hunter2@%2Frun%2Fpg/kept", "postgres:/run/pg/kept"),
    ] {
        let place: DatabasePlace = text.parse().unwrap();
        assert_eq!(place.to_string(), shown);
        let printed = format!("{place:?} {:?}", DatabaseSettings::from(place.clone()));
        let DatabasePlace::Postgres(url) = &place else {
            panic!("{place:?}");
        };
        assert_eq!(url.holds_password(), text.contains("hunter2"), "{text}");
        assert!(
            printed.contains(shown) && !printed.contains("hunter2"),
            "{printed}"
        );
    }
}

#[test]
fn anything_else_is_refused_without_being_shown() {
    for (text, error) in [
        ("mysql://ana:hunter2@db/x", PlaceError::Scheme("mysql".into())),
        (
            "mongodb+srv://ana:hunter2@db/x",
            PlaceError::Scheme("mongodb+srv".into()),
        ),
        ("redis:hunter2", PlaceError::Scheme("redis".into())),
        ("postgres://ana:hunter2@db:port/x", PlaceError::Postgres),
        ("postgres:hunter2", PlaceError::Postgres),
        (
            "postgres://ana:hunter2@db/x?sslmode=perhaps",
            PlaceError::Postgres,
        ),
    ] {
        let refused = text.parse::<DatabasePlace>().unwrap_err();
        assert!(
            !format!("{refused} {refused:?}").contains("hunter2"),
            "{refused:?}"
        );
        assert_eq!(refused, error, "{text}");
    }
}

#[test]
fn connections_are_as_said_or_as_is_usual() {
    let postgres: DatabasePlace = "postgres://db/x".parse().unwrap();
    let mut settings = DatabaseSettings::from(postgres);
    assert_eq!(settings.connections(), 8);
    assert_eq!(DatabaseSettings::from(Location::Memory).connections(), 4);
    settings.connections = Some(20);
    assert_eq!(settings.connections(), 20);
}
