//! What an address in a script has to do with the API that is asked about. Scripts name much that nobody calls, so only what
//! fits that very API is taken for another one of it: its name but for a word such as `staging`, its path, or this machine.

use std::collections::BTreeSet;

use url::Url;

use crate::model::page::{Mention, SeenPage};
use crate::page::secure::{is_loopback, is_near};

/// Words that tell one environment of a service from another.
const ENVIRONMENTS: &[&str] = &[
    "staging",
    "stage",
    "stg",
    "dev",
    "develop",
    "development",
    "test",
    "testing",
    "qa",
    "uat",
    "preview",
    "preprod",
    "sandbox",
    "demo",
    "beta",
    "canary",
    "local",
    "prod",
    "production",
    "live",
    "old",
    "new",
    "next",
    "blue",
    "green",
    "main",
    "master",
];

/// What an address is to the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kin {
    /// Nothing that is known.
    Stranger,
    /// The page's own host, which may hand calls on.
    Own,
    /// This machine or a network that is not the internet, named by a page on the internet.
    Near,
    /// A host whose name is that of the API but for its environment.
    Sibling,
    /// Another host, under the very path of the API.
    SamePath,
    /// The API itself.
    This,
}

impl Kin {
    /// Whether it is another API in the place of this one.
    pub fn is_another(self) -> bool {
        matches!(self, Kin::Near | Kin::Sibling | Kin::SamePath)
    }
}

/// The API that is asked about.
#[derive(Debug)]
pub struct Api<'a> {
    /// Its base.
    pub base: &'a Url,
    /// Paths of its operations, from the root of the host.
    pub paths: &'a [String],
}

impl Api<'_> {
    /// What an address in a script of this page is to it.
    pub fn kin(&self, page: &SeenPage, mention: &Mention) -> Kin {
        let (Ok(named), Ok(from)) = (Url::parse(&mention.url), Url::parse(&page.url)) else {
            return Kin::Stranger;
        };
        if self.is_this(&named) {
            Kin::This
        } else if named.origin() == from.origin() {
            Kin::Own
        } else if is_near(&named) && !is_near(&from) && is_meant(&named) {
            Kin::Near
        } else if self.is_at_its_path(&named) {
            Kin::SamePath
        } else if !is_near(self.base) && words(&named) == words(self.base) && named.host() != from.host() {
            Kin::Sibling
        } else {
            Kin::Stranger
        }
    }

    /// The same host, with or without TLS; this machine has several names.
    fn is_this(&self, named: &Url) -> bool {
        let plain = |url: &Url| matches!(url.port_or_known_default(), Some(80 | 443));
        let same_port = named.port_or_known_default() == self.base.port_or_known_default()
            || plain(named) && plain(self.base);
        let same_host = named.host() == self.base.host() || is_loopback(named) && is_loopback(self.base);
        same_host && same_port
    }

    /// Whether an address has the path of the base or of an operation, if that path is one that no other service would have.
    fn is_at_its_path(&self, named: &Url) -> bool {
        let path = named.path().trim_end_matches('/');
        let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).count();
        let base = self.base.path().trim_end_matches('/');
        let below = path
            .strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        (parts(base) >= 2 && below) || (parts(path) >= 2 && self.paths.iter().any(|own| own == path))
    }
}

/// `http://localhost` alone is what libraries hold for want of an address.
fn is_meant(named: &Url) -> bool {
    named.port().is_some() || named.path().trim_end_matches('/').len() > 1
}

/// The words of a host's name but for those that tell its environment.
fn words(url: &Url) -> BTreeSet<String> {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let all = host
        .split(['.', '-', '_'])
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()));
    all.filter(|word| !word.is_empty() && !ENVIRONMENTS.contains(word))
        .map(str::to_owned)
        .collect()
}

/// Whether a script chooses an address by where it runs: then which one it calls is not written there.
pub fn is_chosen(mention: &Mention) -> bool {
    let around = &mention.excerpt;
    [
        "hostname",
        "location.",
        "location)",
        "NODE_ENV",
        "import.meta",
        "===",
        "!==",
    ]
    .iter()
    .any(|sign| around.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::testing::naming;

    /// What an address in a script of `https://app.acme.example` is to `https://api.acme.example/api/v3`.
    fn kin_to(base: &str, named: &str) -> Kin {
        let mut page = naming(&format!("const api='{named}'"));
        page.url = "https://app.acme.example/record".into();
        let base = Url::parse(base).unwrap();
        let paths = ["/api/v3/ai/orchestrate".to_owned(), "/health".to_owned()];
        let api = Api {
            base: &base,
            paths: &paths,
        };
        api.kin(&page, &page.mentions[0])
    }

    fn kin(named: &str) -> Kin {
        kin_to("https://api.acme.example/api/v3", named)
    }

    #[test]
    fn another_environment_of_the_api_is_told_by_name_path_or_place() {
        for (named, wanted) in [
            ("https://api.acme.example", Kin::This),
            ("http://api.acme.example/api/v3/x", Kin::This),
            ("https://api-staging.acme.example", Kin::Sibling),
            ("https://api.dev2.acme.example/x", Kin::Sibling),
            ("https://other.example/api/v3", Kin::SamePath),
            ("https://other.example/api/v3/ai/orchestrate", Kin::SamePath),
            ("http://localhost:8000", Kin::Near),
            ("http://127.0.0.1/api", Kin::Near),
            ("http://10.0.0.7:8000", Kin::Near),
            ("https://app.acme.example/api", Kin::Own),
        ] {
            assert_eq!(kin(named), wanted, "{named}");
        }
        let hosted = "https://notes.onrender.com";
        assert_eq!(kin_to(hosted, "https://notes-staging.onrender.com"), Kin::Sibling);
        assert_eq!(kin_to(hosted, "https://chat.onrender.com"), Kin::Stranger);
        assert_eq!(
            kin_to("http://127.0.0.1:8000/api/v3", "https://staging.example/api/v3"),
            Kin::SamePath
        );
    }

    #[test]
    fn what_others_are_called_for_is_no_other_api() {
        for named in [
            "https://www.google-analytics.com/g/collect",
            "https://o1.ingest.sentry.io/api/42/envelope/",
            "https://fonts.googleapis.com/css2",
            "https://cdn.acme.example/img/logo.svg",
            "https://docs.acme.example/api",
            "https://auth.acme.example/oauth/token",
            "https://other.example/health",
            "http://localhost",
            "http://localhost/",
        ] {
            assert_eq!(kin(named), Kin::Stranger, "{named}");
        }
    }

    #[test]
    fn an_address_that_is_chosen_where_the_script_runs_is_told_by_what_stands_around_it() {
        let chosen = naming("const a=location.hostname==='localhost'?'http://localhost:8000':''");
        assert!(is_chosen(&chosen.mentions[0]));
        assert!(!is_chosen(
            &naming("const a='http://localhost:8000',b=fetch(a+'/x')").mentions[0]
        ));
    }
}
