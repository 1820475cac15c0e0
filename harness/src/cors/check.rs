//! The CORS check (Fetch §4.10): may this page see this answer at all?

use crate::cors::header::HeaderList;
use crate::cors::refusal::{At, Refusal};
use crate::model::capture::Octets;
use crate::model::probe::{Mode, Origin};

/// The CORS check (Fetch §4.10) of an answer. `origin` is the page's serialised origin as it was sent, which is `null` for an
/// opaque one; `at` says which answer this is and changes nothing but the name of a refusal.
///
/// The order of the reasons is that of browsers: `*` with credentials, missing, several, invalid, mismatch, credentials.
pub fn check(at: At, origin: &Origin, mode: Mode, headers: &[(Octets, Octets)]) -> Result<(), Refusal> {
    let headers = HeaderList(headers);
    let Some(value) = headers.get("access-control-allow-origin") else {
        return Err(Refusal::MissingAllowOriginHeader {
            at,
            origin: origin.clone(),
        });
    };
    if value == "*" {
        return match mode {
            Mode::Omit => Ok(()),
            Mode::Include => Err(Refusal::WildcardOriginNotAllowed {
                at,
                origin: origin.clone(),
            }),
        };
    }
    if value != origin.0 {
        return Err(not_this_origin(at, origin, value));
    }
    if mode == Mode::Omit {
        return Ok(());
    }
    match headers.get("access-control-allow-credentials") {
        Some(value) if value == "true" => Ok(()),
        value => Err(Refusal::InvalidAllowCredentials {
            at,
            origin: origin.clone(),
            value,
        }),
    }
}

/// Why a value that is not the page's origin is not: the standard says only "failure", browsers tell these apart.
fn not_this_origin(at: At, origin: &Origin, value: String) -> Refusal {
    let origin = origin.clone();
    if value.contains([' ', ',']) {
        Refusal::MultipleAllowOriginValues { at, origin, value }
    } else if value == "null" || url::Url::parse(&value).is_ok() {
        Refusal::AllowOriginMismatch { at, origin, value }
    } else {
        Refusal::InvalidAllowOriginValue { at, origin, value }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    const APP: &str = "https://app.example";

    /// Pairs of names and values, as a test writes them.
    pub(crate) fn list(pairs: &[(&str, &str)]) -> Vec<(Octets, Octets)> {
        pairs
            .iter()
            .map(|(name, value)| (Octets::from(*name), Octets::from(*value)))
            .collect()
    }

    /// Headers of any bytes, among them those that decide, with values near what decides.
    pub(crate) fn any_headers() -> impl Strategy<Value = Vec<(Octets, Octets)>> {
        let names = prop_oneof![
            4 => proptest::sample::select(vec![
                "Access-Control-Allow-Origin", "access-control-allow-origin", "ACCESS-CONTROL-ALLOW-CREDENTIALS",
                "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age",
                "Access-Control-Expose-Headers", "Vary", "Set-Cookie", "Location", "Retry-After",
            ]).prop_map(|name| name.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..12),
        ];
        let values = prop_oneof![
            4 => proptest::sample::select(vec![
                APP, "*", "null", "true", "True", "", " https://app.example ", "https://app.example/", "PUT, PATCH", "put",
                "authorization,content-type", "Authorization", "*,authorization", "a b", "600", "-1", "99999999999999999999",
                "origin", "Origin, *", "//u:p@other.example/", "retry-after, set-cookie",
            ]).prop_map(|value| value.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..40),
        ];
        let pair = (names, values).prop_map(|(name, value)| (Octets(name.into()), Octets(value.into())));
        proptest::collection::vec(pair, 0..8)
    }

    fn label(origin: &str, mode: Mode, pairs: &[(&str, &str)]) -> &'static str {
        match check(At::Response, &Origin(origin.into()), mode, &list(pairs)) {
            Ok(()) => "shared",
            Err(refusal) => refusal.label(),
        }
    }

    #[test]
    fn shares_or_refuses_as_the_table_of_the_standard_says() {
        let acao = "Access-Control-Allow-Origin";
        let acac = "Access-Control-Allow-Credentials";
        let (omit, include) = (Mode::Omit, Mode::Include);
        for (mode, headers, expected) in [
            (omit, vec![(acao, "*")], "shared"),
            (omit, vec![(acao, "*"), (acac, "true")], "shared"),
            (omit, vec![(acao, "https://app.example/")], "AllowOriginMismatch"),
            (omit, vec![(acao, APP)], "shared"),
            (
                omit,
                vec![("access-control-allow-origin", " https://app.example\t")],
                "shared",
            ),
            (
                include,
                vec![(acao, "*"), (acac, "true")],
                "WildcardOriginNotAllowed",
            ),
            (include, vec![(acao, "*")], "WildcardOriginNotAllowed"),
            (include, vec![(acao, APP), (acac, "true")], "shared"),
            (
                include,
                vec![(acao, APP), (acac, "True")],
                "InvalidAllowCredentials",
            ),
            (include, vec![(acao, APP), (acac, "1")], "InvalidAllowCredentials"),
            (include, vec![(acao, APP)], "InvalidAllowCredentials"),
            (
                include,
                vec![(acao, APP), (acac, "true"), (acac, "true")],
                "InvalidAllowCredentials",
            ),
        ] {
            assert_eq!(label(APP, mode, &headers), expected, "{mode:?} {headers:?}");
        }
    }

    #[test]
    fn names_each_way_in_which_the_origin_is_wrong() {
        let acao = "access-control-allow-origin";
        for (values, expected) in [
            (vec![], "MissingAllowOriginHeader"),
            (vec![APP, APP], "MultipleAllowOriginValues"),
            (vec!["*", APP], "MultipleAllowOriginValues"),
            (vec!["*", "*"], "MultipleAllowOriginValues"),
            (
                vec!["https://app.example, https://b.example"],
                "MultipleAllowOriginValues",
            ),
            (
                vec!["https://app.example https://b.example"],
                "MultipleAllowOriginValues",
            ),
            (vec![APP, ""], "MultipleAllowOriginValues"),
            (vec!["https://b.example"], "AllowOriginMismatch"),
            (vec!["https://APP.example"], "AllowOriginMismatch"),
            (vec!["https://app.example:443"], "AllowOriginMismatch"),
            (vec!["http://app.example"], "AllowOriginMismatch"),
            (vec!["null"], "AllowOriginMismatch"),
            (vec!["NULL"], "InvalidAllowOriginValue"),
            (vec!["app.example"], "InvalidAllowOriginValue"),
            (vec!["*.example"], "InvalidAllowOriginValue"),
            (vec!["\"https://app.example\""], "InvalidAllowOriginValue"),
            (vec![""], "InvalidAllowOriginValue"),
        ] {
            let headers: Vec<_> = values.iter().map(|value| (acao, *value)).collect();
            assert_eq!(label(APP, Mode::Omit, &headers), expected, "{values:?}");
        }
    }

    #[test]
    fn lets_an_opaque_origin_read_what_names_null() {
        let headers = [
            ("access-control-allow-origin", "null"),
            ("access-control-allow-credentials", "true"),
        ];
        assert_eq!(label("null", Mode::Include, &headers), "shared");
        assert_eq!(
            label("null", Mode::Omit, &[("access-control-allow-origin", APP)]),
            "AllowOriginMismatch"
        );
    }

    #[test]
    fn calls_the_same_fault_by_its_twin_name_on_a_preflight() {
        let refusal = check(At::Preflight, &Origin(APP.into()), Mode::Omit, &[]).unwrap_err();
        assert_eq!(refusal.label(), "PreflightMissingAllowOriginHeader");
    }

    proptest! {
        #[test]
        fn shares_only_what_names_the_origin_or_is_open_without_credentials(raw in any_headers(), include: bool) {
            let mode = if include { Mode::Include } else { Mode::Omit };
            if check(At::Response, &Origin(APP.into()), mode, &raw).is_ok() {
                let sent: Vec<&[u8]> = raw
                    .iter()
                    .filter(|(name, _)| name.0.eq_ignore_ascii_case(b"access-control-allow-origin"))
                    .map(|(_, value)| value.0.trim_ascii())
                    .collect();
                prop_assert!(sent == [APP.as_bytes()] || (!include && sent == [b"*".as_slice()]), "{:?}", raw);
            }
        }
    }
}
