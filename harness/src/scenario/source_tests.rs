//! Tests of [`crate::scenario::source`].

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn at<'t>(text: &'t str, node: &Node) -> &'t str {
    &text[node.at.begin..node.at.end]
}

#[test]
fn keys_and_values_know_where_they_stand() {
    let text = "a: 1\nb:\n  - x: \"é\"\n    y: 'it''s'\n  - [true, null, 1.5]\n";
    let root = read(text).unwrap();
    assert_eq!(
        root.value(),
        json!({"a": 1, "b": [{"x": "é", "y": "it's"}, [true, null, 1.5]]})
    );
    let list = &root.member("b").unwrap().node;
    let Tree::List(items) = &list.tree else {
        panic!("{list:?}")
    };
    let member = |key: &str| items[0].member(key).unwrap();
    assert_eq!(at(text, &member("x").node), "\"é\"");
    assert_eq!(at(text, &member("y").node), "'it''s'");
    let key = member("y").at;
    assert_eq!(&text[key.begin..key.end], "y");
    let Tree::List(inner) = &items[1].tree else {
        panic!()
    };
    assert_eq!(at(text, &inner[2]), "1.5");
}

#[test]
fn json_is_read_as_it_is_with_its_tabs_and_its_places() {
    let text = "{\n\t\"a\": [\t\"b\\u00e9\", {\"c\": 1}\t],\n\t\"d\": \"\\ud83d\\ude00\"\n}";
    let root = read(text).unwrap();
    assert_eq!(root.value(), json!({"a": ["bé", {"c": 1}], "d": "😀"}));
    let text = text.replace("\\ud83d\\ude00", "x");
    let root = read(&text).unwrap();
    let list = &root.member("a").unwrap().node;
    let Tree::List(items) = &list.tree else {
        panic!("{list:?}")
    };
    assert_eq!(at(&text, &items[0]), "\"b\\u00e9\"");
}

#[test]
fn an_alias_stands_where_it_is_used() {
    let text = "a: &x here\nb: *x\n";
    let root = read(text).unwrap();
    let node = &root.member("b").unwrap().node;
    assert_eq!(node.text(), Some("here"));
    assert!(node.at.begin >= text.find("*x").unwrap(), "{:?}", node.at);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    for (text, line, why) in [
        ("", 1, "empty"),
        ("  \n", 1, "empty"),
        ("<html>", 1, "HTML"),
        ("a: 1\na: 2\n", 2, "duplicate mapping key: a"),
        ("a: [1\nb: 2\n", 2, "YAML"),
        ("{\"a\": 1,\n \"b\": }", 2, "JSON"),
        ("{\"a\": 1, \"a\": 2}", 1, "twice"),
    ] {
        let unread = read(text).unwrap_err();
        assert!(unread.why.contains(why), "{text:?}: {unread:?}");
        assert!(
            unread.line >= line && !unread.why.contains("Options"),
            "{text:?}: {unread:?}"
        );
    }
}

#[test]
fn nothing_is_read_without_bound() {
    assert!(
        read(&"#".repeat(MOST + 1))
            .unwrap_err()
            .why
            .contains("bytes long")
    );
    let deep = format!("a: {}{}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(read(&deep).is_err());
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(read(&deep).is_err());
    let long = format!("a: &a {}\nb: [{}]", "x".repeat(1 << 20), "*a,".repeat(5_000));
    assert!(read(&long).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_places_are_within_it(text in r#"([a-c]: |- |\n|  |\[|\]|\{|\}|"|'|&a |\*a|\||>|é|,|#|true|1){0,24}"#) {
        if let Ok(root) = read(&text) {
            let mut left = vec![&root];
            while let Some(node) = left.pop() {
                prop_assert!(node.at.begin <= text.len());
                match &node.tree {
                    Tree::List(items) => left.extend(items),
                    Tree::Map(members) => left.extend(members.iter().map(|member| &member.node)),
                    _ => {}
                }
            }
        }
    }
}
