use proptest::prelude::*;

use super::*;

/// The specification's own example.
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn reads_what_the_specification_shows_and_says_the_same() {
    let context = Context::parse(PARENT).unwrap();
    assert_eq!(context.to_string(), PARENT);
    assert_eq!(context.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(context.span_id(), "00f067aa0ba902b7");
}

#[test]
fn refuses_what_is_malformed() {
    for malformed in [
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "0-04bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ] {
        assert_eq!(Context::parse(malformed), None, "{malformed}");
    }
}

#[test]
fn a_later_version_is_read_as_far_as_it_is_like_ours() {
    for later in [
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03",
        &PARENT.replacen("00", "01", 1),
    ] {
        assert_eq!(Context::parse(later).unwrap().to_string(), PARENT);
        assert_eq!(
            Context::parse(&format!("{later}-what-the-future-has"))
                .unwrap()
                .to_string(),
            PARENT
        );
    }
}

#[test]
fn a_state_is_passed_on_as_it_came_or_not_at_all() {
    let state = |text: &str| {
        Context::parse(PARENT)
            .unwrap()
            .with_state(text)
            .state()
            .map(str::to_owned)
    };
    for good in [
        "rojo=00f067aa0ba902b7",
        "rojo=1,congo=t61rcWkgMzE",
        "a@b=1 , ,2x= y",
        "a_-*/0=~",
    ] {
        assert_eq!(state(good).as_deref(), Some(good));
    }
    let many: Vec<String> = (0..33).map(|number| format!("k{number}=1")).collect();
    assert!(state(&many[..32].join(",")).is_some());
    let long = format!("k={}", "v".repeat(257));
    for bad in [
        "",
        ",",
        "a",
        "a=",
        "=1",
        "A=1",
        "a=1,a=2",
        "a=b=c",
        "a=\u{e9}",
        "a@=1",
        "@a=1",
        "_a=1",
        &many.join(","),
        &long,
    ] {
        assert_eq!(state(bad), None, "{bad}");
    }
}

#[test]
fn a_child_is_of_the_same_trace_under_another_name() {
    let parent = Context::parse(PARENT).unwrap().with_state("rojo=1");
    let child = parent.child();
    assert_eq!(
        (child.trace, child.flags, child.state()),
        (parent.trace, 1, Some("rojo=1"))
    );
    assert_ne!(child.span, parent.span);
    let begun = Context::begun();
    assert_eq!(Context::parse(&begun.to_string()), Some(begun));
}

#[tokio::test]
async fn it_follows_its_task_and_what_is_carried_and_nothing_else() {
    let out = || outgoing(&Span::none());
    assert_eq!(out(), None);
    let context = Context::begun();
    within(context.clone(), async {
        assert_eq!(out().unwrap().trace, context.trace);
        assert_eq!(tokio::spawn(async move { out() }).await.unwrap(), None);
        let carried = tokio::spawn(carry(async move { out() })).await.unwrap();
        assert_eq!(carried.unwrap().trace, context.trace);
    })
    .await;
}

proptest! {
    #[test]
    fn any_text_is_read_to_itself_or_refused(text in "[0-9a-f]{2}-[0-9a-fA-F]{30,33}-[0-9a-f]{15,17}-[0-9a-f]{2}(-.*)?|.*") {
        if let Some(context) = Context::parse(&text) {
            let said = context.to_string();
            prop_assert_eq!(&said[2..53], &text[2..53]);
            prop_assert_eq!(Context::parse(&said), Some(context));
        }
    }

    #[test]
    fn any_state_is_kept_to_the_letter_or_dropped(text in "([a-z0-9@_*/-]{1,5}=[ -~]{0,6} ?,? ?){0,40}|.*") {
        let context = Context::begun().with_state(&text);
        prop_assert!(context.state().is_none_or(|state| state == text && state.is_ascii()));
    }
}
