//! Tests of [`crate::scenario::expression`].

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Every form of the grammar, and what it is read as.
#[test]
fn each_form_is_read_and_printed_again() {
    for text in [
        "$url",
        "$method",
        "$statusCode",
        "$self",
        "$request.header.accept",
        "$request.header.X-Rate-Limit!",
        "$request.query.a b[c]",
        "$request.path.id",
        "$request.body",
        "$response.body#/user/uuid",
        "$response.body#/a~1b/~0/[x] y",
        "$response.body#",
        "$response.header.Server",
        "$response.body.data[0].id",
        "$response.body[1]['a.b']['it''s']",
        "$inputs.customer.firstName",
        "$inputs.petOrderRequest#/lines/0",
        "$outputs.bar",
        "$steps.browser-authorize.outputs.code",
        "$steps.a.outputs.pets#/0/id",
        "$workflows.foo.inputs.username",
        "$workflows.foo.outputs.mappedResponse#/name",
        "$sourceDescriptions.petstore.url",
        "$sourceDescriptions.petstore.GET /pets/{id}".trim_end_matches("{id}"),
        "$components.parameters.foo",
        "$components.successActions.a.b",
        "$components.failureActions.baz",
    ] {
        let read = Expression::parse(text).unwrap_or_else(|misread| panic!("{text}: {misread}"));
        assert_eq!(read.to_string(), text);
    }
    assert_eq!(
        Expression::parse("$response.payload#/a").unwrap(),
        Expression::parse("$response.body#/a").unwrap(),
        "over HTTP the two words mean one thing"
    );
}

#[test]
fn what_is_none_is_refused_where_it_goes_wrong_with_what_to_write() {
    for (text, at, length, next) in [
        ("$statuscode", 0, 11, "$statusCode"),
        ("$resposne.body", 0, 9, "$response"),
        ("statusCode", 0, 10, "$statusCode"),
        ("", 0, 1, "expressions begin with"),
        ("$", 0, 1, "expressions begin with"),
        ("$message.payload", 0, 8, "$request"),
        ("$response", 9, 1, "$response.body"),
        ("$response.", 10, 1, "$response.body"),
        ("$response.bodi", 10, 4, "$response.body"),
        ("$response.header.", 17, 1, "$response.header.NAME"),
        ("$inputs", 7, 1, "$inputs.NAME"),
        ("$inputs.", 8, 1, "$inputs.NAME"),
        ("$inputs.a b", 9, 2, "names hold"),
        ("$steps.a", 7, 1, "$steps.STEP.outputs.NAME"),
        ("$steps.a.output.b", 7, 10, "$steps.STEP.outputs.NAME"),
        ("$steps..outputs.b", 7, 10, "$steps.STEP.outputs.NAME"),
        ("$workflows.a.b", 11, 3, "$workflows.WORKFLOW.outputs.NAME"),
        (
            "$sourceDescriptions.a",
            21,
            1,
            "$sourceDescriptions.NAME.OPERATION",
        ),
        ("$components.inputs.a", 12, 6, "$ref"),
        ("$components.parameters", 22, 1, "$components.parameters.NAME"),
        ("$response.body#a/b", 15, 3, "#/a/b"),
        ("$response.body#/a~b", 17, 1, "~0"),
        ("$response.body.", 15, 1, ".NAME"),
        ("$statusCode.x", 11, 2, "names hold"),
    ] {
        let misread = Expression::parse(text).expect_err(text);
        assert_eq!((misread.at, misread.length), (at, length), "{text}: {misread}");
        assert!(misread.next.contains(next), "{text}: {misread}");
    }
}

#[test]
fn a_price_is_not_meant_to_be_an_expression() {
    for text in ["$inputs.a", "$statusCode", "$resposne.body"] {
        assert!(Expression::is_meant(text), "{text}");
    }
    for text in ["$5.00", "$ 5", "$", "", "$US 5", "inputs.a", "$inputs-a"] {
        assert!(!Expression::is_meant(text), "{text}");
    }
}

#[test]
fn a_way_leads_into_a_value_or_nowhere() {
    let body = json!({"data": [{"id": 7, "a.b": true}], "a/b": {"~": 1}});
    for (text, value) in [
        ("$response.body", Some(body.clone())),
        ("$response.body#", Some(body.clone())),
        ("$response.body#/data/0/id", Some(json!(7))),
        ("$response.body.data[0].id", Some(json!(7))),
        ("$response.body.data[0]['a.b']", Some(json!(true))),
        ("$response.body#/a~1b/~0", Some(json!(1))),
        ("$response.body.data[1]", None),
        ("$response.body.data.id", None),
        ("$response.body#/nothing", None),
    ] {
        let expression = Expression::parse(text).unwrap();
        assert_eq!(expression.follow(&body).cloned(), value, "{text}");
    }
}

#[test]
fn a_dotted_name_is_the_longest_that_there_is_and_members_after_it() {
    let values = json!({"a": {"b": {"c": 1}}, "a.b": {"c": 2}, "x.y": 3});
    let values = values.as_object().unwrap();
    for (name, value) in [
        ("a", Some(json!({"b": {"c": 1}}))),
        ("a.b", Some(json!({"c": 2}))),
        ("a.b.c", Some(json!(2))),
        ("x.y", Some(json!(3))),
        ("x", None),
        ("a.z", None),
        ("a.b.z", None),
        ("", None),
        (".", None),
    ] {
        assert_eq!(named(values, name).cloned(), value, "{name}");
    }
}

fn way() -> impl Strategy<Value = Vec<Access>> {
    let access = prop_oneof![
        "[a-zA-Z0-9_-]{1,6}".prop_map(Access::Member),
        "[a-z.' é\\]]{1,6}".prop_map(Access::Member),
        (0_usize..1_000).prop_map(Access::Element),
    ];
    proptest::collection::vec(access, 0..4)
}

fn root() -> impl Strategy<Value = Root> {
    let id = || "[A-Za-z0-9_-]{1,8}";
    let name = || "[A-Za-z0-9_-]{1,6}(\\.[A-Za-z0-9_-]{1,6}){0,2}";
    let source = prop_oneof![
        "[!#$%&'*+.^_`|~A-Za-z0-9-]{1,10}".prop_map(Source::Header),
        "[^{}]{1,8}".prop_map(Source::Query),
        "[^{}]{1,8}".prop_map(Source::Path),
        Just(Source::Body),
    ];
    let component = prop_oneof![
        Just(Component::Parameters),
        Just(Component::SuccessActions),
        Just(Component::FailureActions)
    ];
    let side = prop_oneof![Just(Side::Inputs), Just(Side::Outputs)];
    prop_oneof![
        Just(Root::Url),
        Just(Root::Method),
        Just(Root::StatusCode),
        Just(Root::Itself),
        source.clone().prop_map(Root::Request),
        source.prop_map(Root::Response),
        name().prop_map(Root::Input),
        name().prop_map(Root::Output),
        (id(), name()).prop_map(|(step, name)| Root::StepOutput { step, name }),
        (id(), side, name()).prop_map(|(workflow, side, name)| Root::Workflow { workflow, side, name }),
        (id(), "[^{}]{1,8}").prop_map(|(source, reference)| Root::SourceDescription { source, reference }),
        (component, name()).prop_map(|(kind, name)| Root::Component { kind, name }),
    ]
}

/// Any expression that the grammar has.
pub(in crate::scenario) fn expression() -> impl Strategy<Value = Expression> {
    let pointer = proptest::option::of("(/([a-z \\[\\]0<=&.é'|!-]|~0|~1){0,4}){0,3}");
    (root(), pointer, way()).prop_map(|(root, pointer, way)| {
        let enters = Expression::parse(&format!("{root}#"))
            .is_ok_and(|read| read.root == root && read.pointer.is_some());
        match (enters, pointer) {
            (true, Some(pointer)) => Expression {
                root,
                pointer: Some(pointer),
                way: Vec::new(),
            },
            // A name takes the dots after it; only an element ends it.
            (true, None) => {
                let body = matches!(root, Root::Request(_) | Root::Response(_));
                let first = way.iter().position(|access| {
                    body || !matches!(access, Access::Member(name) if scan::is_member(name))
                });
                let way = first.map_or_else(Vec::new, |first| way.into_iter().skip(first).collect());
                Expression {
                    root,
                    pointer: None,
                    way,
                }
            }
            (false, _) => Expression::of(root),
        }
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(expression in expression()) {
        let text = expression.to_string();
        let read = Expression::parse(&text);
        prop_assert_eq!(read.as_ref(), Ok(&expression), "{}", text);
    }

    #[test]
    fn any_text_is_an_expression_or_is_refused_within_itself(text in any::<String>(), begin in "(\\$[a-zA-Z]{0,12}[.#\\[]{0,2})?") {
        let text = format!("{begin}{text}");
        if let Err(misread) = Expression::parse(&text) {
            prop_assert!(misread.at <= text.len() && text.is_char_boundary(misread.at), "{:?}", misread);
            prop_assert!(misread.length >= 1 && !misread.why.is_empty() && !misread.next.is_empty());
        }
    }

    #[test]
    fn following_never_panics(expression in expression(), text in "[\\[\\]{}:,\"a-z0-9]{0,20}") {
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        let _ = expression.follow(&value);
    }
}
