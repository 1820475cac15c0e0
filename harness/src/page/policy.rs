//! Whether the content policy of a page lets a call out (CSP Level 3, `connect-src`), by the algorithm of the standard.

use content_security_policy::{
    CheckResult, CspList, Destination, Initiator, ParserMetadata, Policy, PolicyDisposition, PolicySource,
    Request,
};
use url::Url;

use crate::model::page::{ContentPolicy, SeenPage, Stands};

/// What refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The directive as it was served, such as `connect-src 'self'`.
    pub directive: String,
    /// Its name.
    pub name: &'static str,
    /// Where the policy stands.
    pub stands: Stands,
}

/// The directive that is written for calls, and the one that stands in for it.
const CONNECT: &str = "connect-src";
const DEFAULT: &str = "default-src";

/// What refuses a call of this address from a page, if anything does. Every policy has a say.
pub fn refuses(page: &SeenPage, called: &Url) -> Option<Refusal> {
    let from = Url::parse(&page.url).ok()?;
    let mut called = called.clone();
    if upgrades(page) && called.scheme() == "http" {
        // The port of the scheme goes with it, any other stays (Upgrade Insecure Requests §4.1). No URL refuses this.
        let _ = called.set_scheme("https");
    }
    let request = Request {
        url: called.clone(),
        current_url: called,
        origin: from.origin(),
        redirect_count: 0,
        destination: Destination::None,
        initiator: Initiator::None,
        nonce: String::new(),
        integrity_metadata: String::new(),
        parser_metadata: ParserMetadata::None,
    };
    page.policies.iter().find_map(|served| {
        let all = parsed(served);
        let (result, violations) = all.should_request_be_blocked(&request);
        if result == CheckResult::Allowed {
            return None;
        }
        let policy = &violations.first()?.policy;
        let named = |name: &str| policy.directive_set.iter().find(|one| one.name == name);
        let (name, directive) = match named(CONNECT) {
            Some(directive) => (CONNECT, directive),
            None => (DEFAULT, named(DEFAULT)?),
        };
        Some(Refusal {
            directive: format!("{name} {}", directive.value.join(" "))
                .trim_end()
                .to_owned(),
            name,
            stands: served.stands,
        })
    })
}

/// Whether browsers call over https what the page names with http.
pub fn upgrades(page: &SeenPage) -> bool {
    let mut all = page.policies.iter().flat_map(|served| parsed(served).0);
    all.any(|policy| policy.contains_a_directive_whose_name_is("upgrade-insecure-requests"))
}

fn parsed(served: &ContentPolicy) -> CspList {
    match served.stands {
        Stands::Header => CspList::parse(&served.text, PolicySource::Header, PolicyDisposition::Enforce),
        Stands::Meta => CspList(vec![Policy::parse(
            &served.text,
            PolicySource::Meta,
            PolicyDisposition::Enforce,
        )]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::testing::page;

    /// The page of these tests is at `https://app.example/record`.
    fn refused(policies: &[&str], called: &str) -> Option<String> {
        let mut page = page();
        page.policies = policies
            .iter()
            .map(|text| ContentPolicy {
                text: (*text).to_owned(),
                stands: Stands::Header,
            })
            .collect();
        refuses(&page, &Url::parse(called).unwrap()).map(|refusal| refusal.directive)
    }

    const API: &str = "https://api.example/v1/notes";

    #[test]
    fn a_list_without_the_api_refuses_and_default_src_stands_in() {
        for (policies, directive) in [
            (&["connect-src 'self'"][..], "connect-src 'self'"),
            (&["default-src 'self'; script-src *"], "default-src 'self'"),
            (&["default-src *; connect-src 'none'"], "connect-src 'none'"),
            (
                &["default-src *", "connect-src https://other.example"],
                "connect-src https://other.example",
            ),
            (&["default-src *, connect-src 'self'"], "connect-src 'self'"),
            (&["connect-src"], "connect-src"),
            (
                &["connect-src http://api.example:8080"],
                "connect-src http://api.example:8080",
            ),
            (&["connect-src *.api.example"], "connect-src *.api.example"),
            // Without a slash at its end a path is one address.
            (
                &["connect-src https://api.example/v1"],
                "connect-src https://api.example/v1",
            ),
        ] {
            assert_eq!(refused(policies, API).as_deref(), Some(directive), "{policies:?}");
        }
    }

    #[test]
    fn a_list_with_the_api_lets_it_out() {
        for policies in [
            &[][..],
            &["connect-src https://api.example"],
            &["connect-src 'self' *.example"],
            &["connect-src https:"],
            &["connect-src api.example"],
            &["connect-src http://api.example"],
            &["connect-src https://api.example/v1/"],
            &["connect-src https://api.example:443"],
            &["CONNECT-SRC HTTPS://API.EXAMPLE"],
            &["default-src *"],
            &["default-src 'none'; connect-src *"],
            &["script-src 'self'; frame-ancestors 'none'"],
            &[
                "connect-src https:",
                "default-src *; connect-src https://api.example",
            ],
        ] {
            assert_eq!(refused(policies, API), None, "{policies:?}");
        }
    }

    #[test]
    fn self_is_the_origin_of_the_page() {
        assert_eq!(
            refused(&["connect-src 'self'"], "https://app.example/api/notes"),
            None
        );
        assert!(refused(&["connect-src 'self'"], "https://app.example:8443/api").is_some());
        assert_eq!(
            refused(
                &["connect-src 'self'; upgrade-insecure-requests"],
                "http://app.example/api"
            ),
            None
        );
    }
}
