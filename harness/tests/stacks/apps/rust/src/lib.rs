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
