//! What the stacks have in common.

/// How an application is to be.
#[derive(Clone)]
pub struct Setup {
    /// `correct`, `default`, `crash`, `open` or `reflect`.
    pub variant: String,
    /// The page that calls it.
    pub origin: String,
    /// The one good token.
    pub token: String,
    /// Where it listens.
    pub port: u16,
}

impl Setup {
    /// As the environment says.
    #[must_use]
    pub fn of_environment() -> Setup {
        let named = |name: &str| std::env::var(name).unwrap_or_default();
        Setup {
            variant: named("VARIANT"),
            origin: named("APP_ORIGIN"),
            token: named("APP_TOKEN"),
            port: named("PORT").parse().unwrap_or(0),
        }
    }

    /// Whether an Authorization header lets its sender in.
    #[must_use]
    pub fn lets_in(&self, header: Option<&str>) -> bool {
        let (scheme, token) = header.unwrap_or_default().split_once(' ').unwrap_or_default();
        self.variant == "open" || scheme.eq_ignore_ascii_case("bearer") && token == self.token
    }

    /// What the frameworks leave to their users, for an answer of the variant that is right.
    #[must_use]
    pub fn signs(&self) -> Vec<(&'static str, String)> {
        if self.variant != "correct" {
            return Vec::new();
        }
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let id = now.map(|now| now.as_nanos()).unwrap_or_default();
        vec![
            ("cache-control", "no-store".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
            ("x-request-id", id.to_string()),
        ]
    }

    /// The challenge to whoever is not let in (RFC 6750 §3).
    #[must_use]
    pub fn challenge(header: Option<&str>) -> &'static str {
        if header.is_some() {
            "Bearer error=\"invalid_token\""
        } else {
            "Bearer"
        }
    }

    /// The first sentence.
    ///
    /// # Panics
    /// In the variant `crash`.
    #[must_use]
    pub fn summary(&self, text: &str) -> String {
        assert!(self.variant != "crash", "no sentence found");
        text.split('.').next().unwrap_or_default().to_owned()
    }
}

/// What is summarised.
#[derive(serde::Deserialize)]
pub struct Note {
    /// Its text.
    pub text: String,
}
