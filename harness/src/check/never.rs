//! Paths that are never called on a guess: they begin or end a session, give everything away at once, change something though
//! they are read, or never end. Services spell them in every way, and none may slip through by its spelling.

use crate::contract::operation::Operation;

/// Words that say so wherever they begin or end a longer one, such as `logoutAll`, `csvexport` and `exports`.
const AT_EITHER_END: &[&str] = &[
    "login",
    "logon",
    "logout",
    "logoff",
    "signin",
    "signout",
    "signoff",
    "signup",
    "export",
    "download",
    "unsubscribe",
];

/// Words that say so where a longer one begins with them: it is another word that ends with them, such as `preset`.
const AT_THE_BEGINNING: &[&str] = &[
    "authorize",
    "authorise",
    "backup",
    "callback",
    "deactivate",
    "delete",
    "destroy",
    "erase",
    "impersonate",
    "invalidate",
    "purge",
    "remove",
    "reset",
    "revoke",
];

/// Words that say so by themselves alone.
const WHOLE: &[&str] = &[
    "dump",
    "dumps",
    "endsession",
    "events",
    "oauth",
    "refresh",
    "register",
    "restart",
    "saml",
    "shutdown",
    "sse",
    "sso",
    "stream",
    "streams",
    "websocket",
    "wipe",
    "ws",
];

/// Words that are often written as two, such as `log-out`.
const IN_TWO: &[&str] = &["backup", "callback", "endsession", "shutdown", "websocket"];

/// Words that begin like one of these, and are none.
const INNOCENT: &[&str] = &["signing", "signings"];

/// Whether an operation is never called on a guess, by its path or by its own name.
pub fn is_never_asked(operation: &Operation) -> bool {
    let named = operation.operation_id.as_deref();
    is_never_called(&operation.template) || named.is_some_and(is_never_called)
}

/// Whether a path is never called on a guess.
fn is_never_called(path: &str) -> bool {
    let words = words(path);
    let alone = words.iter().any(|word| is_telling(word));
    let in_two = words.windows(2).any(|pair| {
        let joined = pair.concat();
        let joined = joined.strip_suffix('s').unwrap_or(&joined);
        AT_EITHER_END.contains(&joined) || IN_TWO.contains(&joined)
    });
    alone || in_two
}

fn is_telling(word: &str) -> bool {
    let begins = |with: &&&str| word.starts_with(**with);
    let ends =
        |with: &&str| word.ends_with(with) || word.strip_suffix('s').is_some_and(|one| one.ends_with(with));
    !INNOCENT.contains(&word)
        && (WHOLE.contains(&word)
            || AT_EITHER_END
                .iter()
                .chain(AT_THE_BEGINNING)
                .any(|with| begins(&with))
            || AT_EITHER_END.iter().any(ends))
}

/// The words of a path, in small letters: apart where something stands that is no letter, and where capitals begin a word.
fn words(path: &str) -> Vec<String> {
    let letters: Vec<char> = path.chars().collect();
    let (mut words, mut word) = (Vec::new(), String::new());
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let small = |letter: Option<char>| letter.is_some_and(char::is_lowercase);
        // In `CSVExport` the last capital of several begins the next word.
        let last = before.is_some_and(char::is_uppercase) && small(letters.get(at + 1).copied());
        let begins = letter.is_uppercase() && (small(before) || last);
        if begins || !letter.is_alphabetic() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphabetic() {
            word.extend(letter.to_lowercase());
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_words_of_a_path_are_found_however_they_are_set_apart() {
        for (path, expected) in [
            ("/users/logoutAll", "users logout all"),
            ("/v2/CSVExport.json", "v csv export json"),
            ("/data-export_2024", "data export"),
            ("/LOGOUT", "logout"),
            ("/oauth2/Log%20Out", "oauth log out"),
            ("/", ""),
            ("/Übung/über", "übung über"),
        ] {
            assert_eq!(words(path).join(" "), expected, "{path}");
        }
    }

    #[test]
    fn what_ends_a_session_or_gives_everything_away_is_known_by_any_spelling() {
        for path in [
            "/auth/logout",
            "/logout-all",
            "/users/logoutAll",
            "/log_out",
            "/log-outs",
            "/LogOut",
            "/session/log/out",
            "/userlogout",
            "/logoff",
            "/sign_in",
            "/signIn",
            "/sign-offs",
            "/signinWithGoogle",
            "/signup",
            "/login.php",
            "/logins",
            "/data-export",
            "/data.export",
            "/export-all",
            "/exports",
            "/exporter",
            "/exportCsv",
            "/csvexport",
            "/CSVExport",
            "/download",
            "/downloads/latest",
            "/deleteAll",
            "/items/deleted",
            "/reset-password",
            "/oauth2/start",
            "/call-back",
            "/connect/endsession",
            "/connect/end-session",
            "/ws",
            "/events",
            "/token/refresh",
        ] {
            assert!(is_never_called(path), "{path}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_read() {
        for path in [
            "/",
            "/health",
            "/catalog",
            "/catalog/out",
            "/cataloging",
            "/blog",
            "/blog/in",
            "/bloginfo",
            "/blogindex",
            "/changelog/output",
            "/dialog",
            "/dialog-out",
            "/design",
            "/design/inputs",
            "/logs",
            "/log/info",
            "/logo",
            "/signing-keys",
            "/signals",
            "/assignments",
            "/insights",
            "/ports",
            "/presets",
            "/dumplings",
            "/upstreams",
            "/newsletter",
            "/news",
            "/auth/verify",
            "/ai/usage-stats",
        ] {
            assert!(!is_never_called(path), "{path}");
        }
    }

    /// Words as one spells them in a path.
    fn spelt(words: &[&str], how: usize) -> String {
        let capital = |word: &&str| format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..]);
        match how {
            0 => words.join("-"),
            1 => words.join("_"),
            2 => words.join("."),
            3 => words.join("/"),
            4 => words.join("%20"),
            5 => words.iter().map(capital).collect(),
            6 => {
                let rest = words[1..].iter().map(capital);
                std::iter::once(words[0].to_owned()).chain(rest).collect()
            }
            _ => words.join("-").to_ascii_uppercase(),
        }
    }

    proptest! {
        #[test]
        fn no_spelling_slips_through(
            which in 0_usize..12,
            many in any::<bool>(),
            before in "(x|users|my|v2|all)?",
            after in "(x|all|now|v2|csv)?",
            how in 0_usize..8,
        ) {
            let known: [&[&str]; 12] = [
                &["log", "out"], &["log", "in"], &["log", "off"], &["sign", "in"], &["sign", "out"], &["sign", "up"],
                &["logout"], &["login"], &["signin"], &["export"], &["download"], &["unsubscribe"],
            ];
            let last = known[which].last().unwrap();
            let plural = format!("{last}s");
            let mut words: Vec<&str> = vec![&before];
            words.extend(&known[which][..known[which].len() - 1]);
            words.extend([if many { plural.as_str() } else { last }, &after]);
            words.retain(|word| !word.is_empty());
            let path = format!("/{}", spelt(&words, how));
            prop_assert!(is_never_called(&path), "{path}");
        }

        #[test]
        fn any_text_is_a_path(path in "\\PC{0,40}") {
            is_never_called(&path);
        }
    }
}
