//! What a person sees for each way in which a profile is wrong.

use std::collections::BTreeSet;

use crate::target::check;
use crate::target::problem::ProfileError;
use crate::target::read::read;

fn error(text: &str) -> ProfileError {
    read("greenlight.toml", text).expect_err("the profile is broken")
}

fn seen(text: &str) -> String {
    error(text).render(false)
}

#[test]
fn a_misspelt_key_is_shown_with_the_nearest_one() {
    insta::assert_snapshot!(seen(
        "[[client]]\norigin = \"https://app.acme.example\"\ncredentails = \"omit\"\n"
    ));
}

#[test]
fn an_origin_with_a_trailing_slash_is_shown_with_what_differs() {
    insta::assert_snapshot!(seen("[[client]]\norigin = \"https://app.acme.example/\"\n"));
}

#[test]
fn a_paid_proof_without_its_effect_is_asked_for_it() {
    insta::assert_snapshot!(seen(
        "[service]\nname = \"notes\"\n\n[[prove]]\ncall = \"GET /me\"\n\n[[prove]]\ncall = \"POST /summaries\"\n"
    ));
}

#[test]
fn a_keep_that_nobody_would_find_again_is_shown_with_what_is_missing() {
    let keep = "[[keep]]\ncall = \"POST /notes\"\neffect = \"read\"\nbody = { text = \"a\" }\nid = \"/id\"\n";
    let places = "read = \"GET /notes\"\nlist = \"POST /search\"\ndelete = \"DELETE /notes/{id}\"\n";
    insta::assert_snapshot!(seen(&format!("{keep}{places}")));
}

#[test]
fn what_is_not_toml_is_shown_where_it_breaks() {
    insta::assert_snapshot!(seen("[service\nname = \"notes\"\nhealth = /health\n"));
}

#[test]
fn a_token_in_place_of_a_name_is_refused_without_being_shown() {
    let text =
        "[auth]\nkind = \"bearer\"\ntoken_env = \"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl\"\n";
    let rendered = seen(text);
    assert!(!rendered.contains("eyJ"), "{rendered}");
    assert!(!error(text).to_string().contains("eyJ"));
    insta::assert_snapshot!(rendered);
}

#[test]
fn a_key_that_holds_a_credential_is_refused_without_showing_it() {
    let text = "[auth]\nkind = \"bearer\"\ntoken = \"correct horse battery staple\"\n";
    let rendered = seen(text);
    assert!(!rendered.contains("horse"), "{rendered}");
    insta::assert_snapshot!(rendered);
}

#[test]
fn a_password_in_place_of_a_name_is_not_shown() {
    let text = "[auth]\nkind = \"basic\"\nuser_env = \"GL_USER\"\npassword_env = \"correct horse\"\n";
    let rendered = seen(text);
    assert!(!rendered.contains("horse"), "{rendered}");
    insta::assert_snapshot!(rendered);
}

#[test]
fn a_url_with_user_information_is_refused_without_showing_it() {
    let text = "[env.production]\nurl = \"https://joe:hunter2@api.acme.example\"\n";
    let rendered = seen(text);
    assert!(!rendered.contains("hunter2"), "{rendered}");
    insta::assert_snapshot!(rendered);
}

#[test]
fn a_secret_near_another_fault_is_not_shown_either() {
    for text in [
        "[auth]\ntoken = \"correct horse\"\nkind = \n",
        "[auth]\npassword_env = \"correct horse\"\nkind = \n",
        "[auth]\nkind = \"bearer\"\ntoken_env = 'sk-live-abcdef'\nnonsense = 1\n",
        "[env.staging]\nurl = \"https://joe:hunter2@x.example\"\nnonsense = 1\n",
        "[auth]\nkind = \"eyJhbGciOiJIUzI1NiJ9\"\n",
    ] {
        let error = error(text);
        for shown in [
            error.render(false),
            error.render(true),
            error.to_string(),
            format!("{error:?}"),
        ] {
            for secret in ["horse", "abcdef", "hunter2", "eyJhbGci"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }
}

#[test]
fn an_oauth_client_is_whole_and_keeps_its_secret_off_the_clear() {
    insta::assert_snapshot!(seen(concat!(
        "[auth]\nkind = \"oauth2-client-credentials\"\n",
        "token_url = \"http://login.acme.example/oauth/token\"\nscope = \"notes\"\n",
    )));
}

#[test]
fn a_spare_credential_without_a_logout_and_a_login_without_a_body_are_shown() {
    let auth = "[auth]\nkind = \"bearer\"\ntoken_env = \"T\"\n";
    insta::assert_snapshot!(seen(&format!("{auth}spare_env = \"S\"\n")));
    insta::assert_snapshot!(seen(&format!("{auth}login = {{ call = \"POST /session\" }}\n")));
}

#[test]
fn a_key_of_another_kind_of_auth_is_shown() {
    insta::assert_snapshot!(seen(
        "[auth]\nkind = \"api-key\"\ntoken_env = \"GREENLIGHT_TOKEN\"\n"
    ));
}

#[test]
fn every_value_that_cannot_be_read_is_told_at_once() {
    insta::assert_snapshot!(seen(concat!(
        "[service]\nhealth = \"health\"\nversion = { route = \"/version\" }\n\n",
        "[[client]]\norigin = \"https://APP.acme.example\"\n",
        "calls = [{ call = \"POST\", headers = [\"content type\"] }]\n\n",
        "[[prove]]\ncall = \"post /summaries\"\nexpect = { \"summary.text\" = \"not-empty\" }\neffect = \"costly\"\n\n",
        "[bounds]\ndeadline = \"10\"\nbody_keep = \"1MB\"\nrun = 300\n\n",
        "[env.prod]\nurl = \"api.acme.example\"\n",
    )));
}

#[test]
fn everything_that_contradicts_itself_is_told_at_once() {
    insta::assert_snapshot!(seen(concat!(
        "[[client]]\norigin = \"https://a.example\"\ncalls = [{ call = \"GET /me\", headers = [\"Origin\"] }]\n",
        "[[client]]\norigin = \"https://a.example\"\n\n",
        "[[prove]]\ncall = \"GET /me\"\nbody = {}\n\n",
        "[[prove]]\ncall = \"POST /x\"\neffect = \"read\"\nbody = []\naudio = { at = \"/a/b\", sample = \"a.wav\" }\n\n",
        "[operations]\n\"POST /x\" = \"paid\"\n\n",
        "[bounds]\ndeadline = \"10s\"\nrun = \"5s\"\nbody_keep = \"1MiB\"\nbody_read = \"1KiB\"\nconcurrency = 0\n\n",
        "[env.local]\nurl = \"http://127.0.0.1:8000\"\nspawn = \"serve --port $PORT\"\n\n[env.staging]\n",
    )));
}

#[test]
fn a_transcription_role_that_proves_nothing_is_refused() {
    insta::assert_snapshot!(seen(concat!(
        "[transcription]\ncall = \"POST /transcribe\"\neffect = \"paid\"\naudio_at = \"/audio\"\ntext_at = \"/text\"\n",
        "samples = [{ file = \"a.wav\", words = [\"ten\"] }, { file = \"b.wav\", words = [\"Ten\"] }]\n",
    )));
}

#[test]
fn a_sample_that_is_not_there_is_named() {
    let text = concat!(
        "[[prove]]\ncall = \"POST /x\"\neffect = \"paid\"\n",
        "audio = { at = \"/audio\", sample = \"samples/kitchn.wav\" }\n",
    );
    let profile = read("greenlight.toml", text).unwrap();
    let have = BTreeSet::from(["samples/kitchen.wav".to_owned()]);
    insta::assert_snapshot!(check::files(&profile, &have).unwrap_err().render(false));
}

#[test]
fn a_date_cannot_go_into_a_json_body() {
    insta::assert_snapshot!(seen(
        "[[prove]]\ncall = \"PUT /x\"\neffect = \"write\"\nbody = { on = [2026-01-01] }\n"
    ));
}

#[test]
fn what_is_missing_because_it_was_wrong_is_told_once() {
    let problems = error("[[client]]\norigin = \"https://a.example/\"\n")
        .problems()
        .to_vec();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].line, problems[0].column), (2, 10));
}

#[test]
fn only_the_first_twenty_problems_are_told() {
    let text: String = (0..40).map(|number| format!("wrong{number} = 1\n")).collect();
    let error = error(&text);
    assert_eq!(error.problems().len(), 20);
    assert!(error.render(false).ends_with("more at least\n"));
}

#[test]
fn a_test_issuer_sets_its_own_claims_and_belongs_to_bearer_tokens() {
    let own = "[auth]\nkind = \"bearer\"\ntest_issuer = { claims = { iss = \"me\", sub = \"ana\" } }\n";
    let rendered = seen(own);
    assert!(
        rendered.contains("`iss` is set by the test issuer itself"),
        "{rendered}"
    );
    assert!(
        !rendered.contains("token_env"),
        "the issuer mints the token: {rendered}"
    );
    let list = seen("[auth]\nkind = \"bearer\"\ntest_issuer = { claims = [1] }\n");
    assert!(list.contains("`claims` is no table"), "{list}");
    let key = "[auth]\nkind = \"api-key\"\nheader = \"x-api-key\"\nkey_env = \"KEY\"\ntest_issuer = {}\n";
    assert!(seen(key).contains("`test_issuer` does not belong to kind \"api-key\""));
}

#[test]
fn a_signing_secret_belongs_to_bearer_tokens() {
    let text = "[auth]\nkind = \"api-key\"\nheader = \"x-api-key\"\nkey_env = \"KEY\"\nsigning_secret_env = \"SECRET\"\n";
    let rendered = seen(text);
    assert!(
        rendered.contains("`signing_secret_env` does not belong to kind \"api-key\""),
        "{rendered}"
    );
}
