//! Commands that ask again what was asked: with the variable that the credential came from, and without a secret.

use crate::check::asks;
use crate::check::testing::{answered, call, target};
use crate::check::view::View;
use crate::model::mutation::Mutation;
use crate::model::probe::{SecretName, Who};
use crate::model::target::Target;
use crate::runner::curl::curl;

fn command(target: &Target, secret: &str, mutation: Mutation) -> String {
    let mut probe = asks::inert(target, &call(), None);
    probe.who = Some(Who {
        secret: SecretName(secret.into()),
        mutation,
    });
    let seen = [answered(1, &probe, 401, &[], "{}")];
    curl(&seen[0], &View::new(target, None, &seen, &[]))
}

#[test]
fn the_variable_is_the_one_that_the_credential_came_from() {
    let mut target = target();
    if let Some(auth) = &mut target.auth {
        auth.credentials[0].from = "environment variable NOTES_TOKEN".into();
    }
    let as_it_is = command(&target, "good", Mutation::AsIs);
    assert!(
        as_it_is.contains(r#"-H "Authorization: Bearer $NOTES_TOKEN""#),
        "{as_it_is}"
    );
    let expired = command(&target, "expired", Mutation::AsIs);
    assert!(expired.contains("$GREENLIGHT_EXPIRED_TOKEN"), "{expired}");
    let lower = command(&target, "good", Mutation::LowerCaseScheme);
    assert!(lower.contains("Authorization: bearer $NOTES_TOKEN"), "{lower}");
}

#[test]
fn of_a_spoilt_token_it_is_said_how_it_is_made() {
    let spoilt = command(&target(), "good", Mutation::Tampered);
    assert!(spoilt.contains("Bearer $SPOILT_TOKEN"), "{spoilt}");
    let recipe =
        "# SPOILT_TOKEN: $GREENLIGHT_TOKEN, with one character in the middle of its signature changed";
    assert!(spoilt.ends_with(recipe), "{spoilt}");
}

#[test]
fn a_sample_is_put_where_it_was_sent_and_a_quote_ends_nothing() {
    use crate::model::body::{Body, Change, Insert};
    let body = Body::Json {
        value: serde_json::json!({"title": "Ana's \"first\""}),
        inserts: vec![Insert {
            at: "/audio".into(),
            sample: "samples/kitchen.wav".into(),
            change: Change::None,
        }],
    };
    let probe = crate::model::probe::Probe::request("POST", "/notes")
        .body(body)
        .build();
    let target = target();
    let seen = [answered(1, &probe, 201, &[], "{}")];
    let command = curl(&seen[0], &View::new(&target, None, &seen, &[]));
    let wanted = r#"--data '{"audio":"'"$(base64 < samples/kitchen.wav | tr -d '\n')"'","title":"Ana'\''s \"first\""}'"#;
    assert!(command.ends_with(wanted), "{command}");
}

#[test]
fn what_is_held_stands_as_a_variable_wherever_it_was_sent() {
    use crate::model::body::{Body, Text};
    use crate::model::probe::Probe;
    let held = |name: &str| {
        Text::Held(Who {
            secret: SecretName(name.into()),
            mutation: Mutation::AsIs,
        })
    };
    let path = Text::Joined(vec![
        "/items/".into(),
        held("steps.make.outputs.id-2"),
        "?q=it's".into(),
    ]);
    let probe = Probe::request("POST", path)
        .header(
            "authorization",
            Text::Joined(vec!["Bearer ".into(), held("inputs.api-key")]),
        )
        .body(Body::Text {
            media_type: "application/json".into(),
            text: Text::Joined(vec![r#"{"pin":""#.into(), held("inputs.pin"), r#""}"#.into()]),
        })
        .build();
    let seen = [answered(1, &probe, 401, &[], "{}")];
    let target = target();
    let shown = curl(&seen[0], &View::new(&target, None, &seen, &[]));
    let url = r#"'http://notes.example''/items/'"$STEPS_MAKE_OUTPUTS_ID_2"'?q=it'\''s'"#;
    let header = r#"-H 'authorization: ''Bearer '"$GREENLIGHT_INPUT_API_KEY""#;
    let body = r#"--data '{"pin":"'"$GREENLIGHT_INPUT_PIN"'"}'"#;
    assert_eq!(
        shown,
        format!("curl -i -X POST {url} {header} -H 'Content-Type: application/json' {body}")
    );
}
