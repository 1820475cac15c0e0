//! What the redactor finds, and what it leaves alone.

use proptest::prelude::*;

use super::*;

fn redact(secret: &str, text: &str) -> (String, Vec<Redacted>) {
    let mut facts = vec![];
    let redactor = Redactor::new([secret].into_iter(), None);
    let kept = redactor.bytes(text.as_bytes(), &Place::ReplyBody, &mut facts);
    (String::from_utf8(kept).unwrap(), facts)
}

#[test]
fn our_own_secret_is_found_in_every_form() {
    let secret = "p@ss \"word\"/1";
    for form in forms::forms(secret) {
        let text = format!("<<{}>>", String::from_utf8(form).unwrap());
        let (kept, facts) = redact(secret, &text);
        assert!(
            kept.starts_with("<<[credential:") && kept.ends_with("]>>"),
            "{text} -> {kept}"
        );
        assert_eq!(facts[0].kind, SecretKind::Own);
    }
}

#[test]
fn our_own_secret_is_found_in_base64_over_several_lines() {
    use base64::Engine as _;
    let secret = "correct-horse-battery-staple";
    for before in 0..80 {
        let dump = format!("{}{secret}{}", "a".repeat(before), " and so on".repeat(12));
        let coded = base64::engine::general_purpose::STANDARD.encode(dump);
        let lines: Vec<&str> = (0..coded.len())
            .step_by(64)
            .map(|at| &coded[at..coded.len().min(at + 64)])
            .collect();
        for between in ["\r\n", "\n  ", "\\n"] {
            let text = format!("{{\"dump\":\"{}\"}}", lines.join(between));
            let (kept, facts) = redact(secret, &text);
            assert_eq!(
                facts.first().map(|fact| fact.kind),
                Some(SecretKind::Own),
                "{before}: {text}"
            );
            assert!(kept.ends_with("\"}"), "{kept}");
        }
    }
}

#[test]
fn shapes_of_strangers_secrets_are_found() {
    let cases = [
        ("key_prefix: sk-proj-ab12...", SecretKind::ApiKey),
        (
            "token eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJtZSJ9.c2ln",
            SecretKind::Jwt,
        ),
        ("postgres://app:hunter2@db.internal/x", SecretKind::UrlPassword),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", SecretKind::PrivateKey),
    ];
    for (text, kind) in cases {
        let (kept, facts) = redact("unrelated", text);
        assert_eq!(
            facts.first().map(|fact| fact.kind),
            Some(kind),
            "{text} -> {kept}"
        );
    }
}

#[test]
fn an_address_is_found_as_servers_write_it_and_a_package_is_not() {
    let redactor = Redactor::new([].into_iter(), None);
    let nobody = |text: &str| {
        let mut facts = vec![];
        let kept = redactor.nobody(text.as_bytes().to_vec(), &Place::ReplyBody, &mut facts);
        (String::from_utf8(kept).unwrap(), facts.len())
    };
    for address in [
        "ann.o+x@person.example",
        "ann%40person.example",
        "ann%2Eo%40person%2Eexample",
        "ann&#64;mail.person.example",
        r"ann\u0040person.example",
    ] {
        let (kept, facts) = nobody(&format!("no user <{address}>, sorry"));
        assert_eq!(
            (kept, facts),
            (format!("no user <[email:{}]>, sorry", address.len()), 1)
        );
    }
    for other in [
        "left-pad@1.3.0",
        "@decorator",
        "a@b",
        "me@localhost",
        "vary: @media print",
    ] {
        assert_eq!(nobody(other), (other.to_owned(), 0));
    }
}

#[test]
fn every_shape_is_one_that_can_be_searched_for() {
    let kinds: Vec<_> = SHAPES.iter().map(|(kind, _)| *kind).collect();
    let all = [
        SecretKind::PrivateKey,
        SecretKind::Jwt,
        SecretKind::ApiKey,
        SecretKind::UrlPassword,
    ];
    assert_eq!(kinds, all);
}

#[test]
fn a_long_key_and_one_that_was_cut_are_removed_whole() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n".repeat(500);
    for end in ["-----END PRIVATE KEY-----", ""] {
        let (kept, _) = redact(
            "unrelated",
            &format!("a -----BEGIN PRIVATE KEY-----\n{line}{end}"),
        );
        assert!(
            kept.starts_with("a [private-key:") && kept.ends_with(']'),
            "{kept}"
        );
    }
}

#[test]
fn a_form_that_begins_another_leaves_nothing_of_it() {
    let secret = "0123456789abcdefghijklmn";
    let (kept, facts) = redact(secret, &format!("<{secret}> <{}>", &secret[..12]));
    assert_eq!(kept, "<[credential:24]> <[credential:12]>");
    assert_eq!(facts.len(), 2);
}

#[test]
fn the_beginning_of_a_secret_at_a_cut_goes_with_what_overlaps_it() {
    let redactor = Redactor::new(["0123456789+abcdefghijkl"].into_iter(), None);
    let mut facts = vec![];
    for cut in ["x 0123456789+abcd", "x 0123456789%2Babcdefg", "x 0123"] {
        let kept = redactor.cut_bytes(cut.as_bytes(), &Place::ReplyBody, &mut facts);
        assert_eq!(
            String::from_utf8(kept).unwrap(),
            format!("x [credential:{}]", cut.len() - 2)
        );
    }
    assert_eq!(
        redactor.cut_bytes(b"x 012", &Place::ReplyBody, &mut facts),
        b"x 012"
    );
}

#[test]
fn a_secret_behind_escapes_goes_where_it_stands() {
    let secret = "opaque+T0ken/with=odd'signs";
    for (form, why) in [
        (
            "opaque\\u002BT0ken\\u002fwith=odd\\u0027signs",
            "JSON as .NET writes it",
        ),
        (
            "\\u006fpaque+T0ken\\/with=odd'signs",
            "JSON with a letter escaped",
        ),
        (
            "opaque%252BT0ken%252Fwith%253Dodd%2527signs",
            "a URL within a URL",
        ),
        (
            "opaque+T0ken&#x2F;with&#x3D;odd&#39;signs",
            "HTML as Handlebars writes it",
        ),
        (
            "b3BhcXVlK1Qwa2VuL3dpdGg9b2RkJ3NpZ25z"
                .replace('3', "%33")
                .as_str(),
            "base64 in a URL",
        ),
    ] {
        let (kept, facts) = redact(secret, &format!("{{\"a\\nb\": \"%41 {form} %42\"}}"));
        let whole = format!("{{\"a\\nb\": \"%41 [credential:{}] %42\"}}", form.len());
        assert_eq!((kept, facts.len()), (whole, 1), "{why}");
    }
}

#[test]
fn a_secret_behind_escapes_goes_wherever_it_stands_in_a_long_text() {
    let secret = "opaque+T0ken/with=odd'signs";
    for before in (60_000..66_000).step_by(7) {
        let text = format!(
            "{}opaque\\u002BT0ken\\u002fwith=odd\\u0027signs",
            "x".repeat(before)
        );
        let (kept, facts) = redact(secret, &text);
        assert_eq!(
            (kept.len(), facts.len()),
            (before + "[credential:42]".len(), 1),
            "{before}"
        );
    }
}

#[test]
fn what_is_learnt_later_is_removed_from_then_on() {
    let redactor = Redactor::new(["first-secret"].into_iter(), None);
    assert_eq!(redactor.text("second-secret"), "second-secret");
    redactor.learn("second-secret");
    assert_eq!(
        redactor.text("first-secret second-secret"),
        "[credential:12] [credential:13]"
    );
    assert!(!format!("{redactor:?}").contains("secret"));
}

#[test]
fn ordinary_text_is_left_alone() {
    for text in [
        "task-list risk-free",
        "see https://example.com/a:b@c",
        "mask-sk-",
        "eyJ is how a JWT begins",
    ] {
        assert_eq!(redact("unrelated", text), (text.to_owned(), vec![]));
    }
}

#[test]
fn a_credential_header_keeps_its_scheme_and_a_cookie_its_attributes() {
    let redactor = Redactor::new(std::iter::empty(), Some("X-Team-Key"));
    let header = |name: &str, value: &str| {
        String::from_utf8(redactor.header(name, value.as_bytes(), true, &mut vec![])).unwrap()
    };
    assert_eq!(header("Authorization", "Bearer abc"), "Bearer [credential:3]");
    assert_eq!(
        header("set-cookie", "sid=abc; Secure"),
        "sid=[credential:3]; Secure"
    );
    assert_eq!(
        header(
            "set-cookie",
            "a=b; Path=/, c=d; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Secure, e=f; SameSite=Lax"
        ),
        "a=[credential:1]; [credential:12]; Expires=Wed, 09 Jun 2027 10:18:14 GMT; [credential:12]; SameSite=Lax"
    );
    assert_eq!(header("authorization", "first second"), "[credential:12]");
    assert_eq!(header("x-refresh-token", "abc"), "[credential:3]");
    assert_eq!(header("x-team-key", "abc"), "[credential:3]");
    assert_eq!(header("accept", "text/html"), "text/html");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_form_of_a_secret_survives(secret in "[ -~]{8,40}", before in ".{0,20}", after in ".{0,20}") {
        let redactor = Redactor::new([secret.as_str()].into_iter(), None);
        for form in forms::forms(&secret) {
            let form = String::from_utf8(form).unwrap();
            let kept = redactor.text(&format!("{before}{form}{after}"));
            let by_chance = format!("{before}[credential:jwtapi-keyurl-password]{after}").contains(&form);
            prop_assert!(!kept.contains(&form) || by_chance, "{form} in {kept}");
        }
    }
}

#[test]
fn what_only_begins_like_a_long_secret_is_no_secret() {
    let secret = "sixteen-and-some-more-of-a-credential";
    let (kept, facts) = redact(
        secret,
        "sixteen-and-some-other-words, SIXTEEN-and-some-more-of-a-Credential",
    );
    assert_eq!(kept, "sixteen-and-some-other-words, [credential:37]");
    assert_eq!(facts.len(), 1);
    let (kept, _) = redact(secret, "sixteen-and-some");
    assert_eq!(
        kept, "sixteen-and-some",
        "it stops short, and nothing is read beyond the end"
    );
}

#[test]
fn a_strangers_secret_is_found_behind_an_encoding_with_its_kind() {
    use base64::Engine as _;
    let coded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let cases = [
        (
            "next=https%3A%2F%2Fx%2Fcb%3Fkey%3Dsk%2Dproj%2Dab12cd34".to_owned(),
            SecretKind::ApiKey,
        ),
        (
            r#"{"dsn":"postgres:\/\/app:hunter2@db\/x"}"#.to_owned(),
            SecretKind::UrlPassword,
        ),
        (
            coded("{\"dsn\":\"postgres://app:hunter2@db/x\"}"),
            SecretKind::UrlPassword,
        ),
        (
            coded("-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
            SecretKind::PrivateKey,
        ),
    ];
    for (text, kind) in cases {
        let (kept, facts) = redact("unrelated", &text);
        let kinds: Vec<SecretKind> = facts.iter().map(|fact| fact.kind).collect();
        assert_eq!(kinds, [kind], "{text} -> {kept}");
    }
    let redactor = Redactor::new([].into_iter(), None);
    let text = format!("user={}", coded("seen: ann@person.example"));
    let mut facts = vec![];
    let kept = redactor.nobody(text.into_bytes(), &Place::ReplyBody, &mut facts);
    assert!(String::from_utf8(kept).unwrap().contains("[email:"));
}

#[test]
fn a_session_is_known_in_its_own_answer_and_a_setting_is_none() {
    let lines: [&[u8]; 3] = [
        b"sid=5f4e3d2c1b0a9988; Path=/; HttpOnly",
        b"theme=a-very-dark-one-indeed; Path=/",
        b"lang=en; HttpOnly",
    ];
    let opened = Besides::of(lines.into_iter()).unwrap();
    let hide = |text: &str| {
        let mut facts = vec![];
        let kept = opened.hide(text.as_bytes(), &Place::ReplyBody, &mut facts);
        (String::from_utf8(kept).unwrap(), facts.len())
    };
    assert_eq!(
        hide("id 5f4e3d2c1b0a9988 and NWY0ZTNkMmMxYjBhOTk4OA=="),
        ("id [credential:16] and [credential:24]".into(), 2)
    );
    let plain = "en and a-very-dark-one-indeed";
    assert_eq!(hide(plain), (plain.into(), 0));
    assert!(Besides::of(lines.into_iter().skip(1)).is_none());
}
