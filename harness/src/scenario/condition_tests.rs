//! Tests of [`crate::scenario::condition`].

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::scenario::expression::Root;

fn read(text: &str) -> Condition {
    Condition::parse(text)
        .unwrap_or_else(|misread| panic!("{text}: {misread}"))
        .condition
}

/// Whether it holds of an answer with this status and body, when nothing else is there.
fn holds(text: &str, status: u16, body: &Value) -> Truth {
    read(text).holds(&|expression| {
        let begin = match &expression.root {
            Root::StatusCode => json!(status),
            Root::Response(crate::scenario::expression::Source::Body) => body.clone(),
            Root::Input(_) => return Known::Unknown,
            _ => Value::Null,
        };
        Known::Value(expression.follow(&begin).cloned().unwrap_or(Value::Null))
    })
}

#[test]
fn operators_bind_as_in_other_languages() {
    for (text, meaning) in [
        ("true || false && false", "true || false && false"),
        ("(true || false) && false", "(true || false) && false"),
        ("true||(false&&false)", "true || false && false"),
        ("(true || false) || true", "(true || false) || true"),
        ("!true == false", "!true == false"),
        ("!(true == false)", "!(true == false)"),
        ("1 < 2 == true", "1 < 2 == true"),
        ("1 < (2 == true)", "1 < (2 == true)"),
        ("!!true", "!!true"),
        ("$statusCode==200", "$statusCode == 200"),
        ("$response.header.X-A!=5", "$response.header.X-A != 5"),
        ("$response.body#/a<=5", "$response.body#/a <= 5"),
        ("{$statusCode == 401}", "$statusCode == 401"),
        ("{$response.body#/a b} == 'x'", "{$response.body#/a b} == 'x'"),
        ("{$statusCode} == 'it''s'", "$statusCode == 'it''s'"),
        (
            "$response.body.data[0].id == -1.5e3",
            "$response.body.data[0].id == -1500.0",
        ),
    ] {
        assert_eq!(read(text).to_string(), meaning, "{text}");
    }
}

#[test]
fn values_are_compared_as_the_specification_says() {
    let body = json!({"name": "Rex", "n": 7, "text": "7", "none": null, "list": [1, "A"], "big": 9_007_199_254_740_993_u64});
    for (text, truth) in [
        ("$statusCode == 200", true),
        ("$statusCode == '200'", true),
        ("$statusCode != 200", false),
        ("$response.body.name == 'rEX'", true),
        ("$response.body.name < 's'", true),
        ("$response.body.n >= 7 && $response.body.n < 7.5", true),
        ("$response.body.text > 6", true),
        ("$response.body.text == 7", true),
        ("$response.body.none == null", true),
        ("$response.body.absent == null", true),
        ("$response.body.name != null", true),
        ("$response.body.none == false", false),
        ("$response.body.none < 1", false),
        ("$response.body.name > 5", false),
        ("$response.body.list == $response.body.list", true),
        ("$response.body.list", true),
        ("$response.body.absent", false),
        ("!$response.body.absent", true),
        ("$response.body.n == true", false),
        ("$response.body.big == 9007199254740992", false),
        ("''", false),
        ("0", false),
        ("'x'", true),
        ("('a' == 'A') == true", true),
    ] {
        assert_eq!(holds(text, 200, &body), Truth::from(truth), "{text}");
    }
}

#[test]
fn what_is_not_known_decides_only_where_it_must() {
    for (text, truth) in [
        ("$inputs.a", Truth::Unknown),
        ("$inputs.a == 1", Truth::Unknown),
        ("$inputs.a == $inputs.a", Truth::True),
        ("$inputs.a != $inputs.a", Truth::False),
        ("$inputs.a < $inputs.a", Truth::Unknown),
        ("$inputs.a || $statusCode == 500", Truth::True),
        ("$inputs.a && $statusCode == 200", Truth::False),
        ("$inputs.a || $statusCode == 200", Truth::Unknown),
        ("!$inputs.a", Truth::Unknown),
    ] {
        assert_eq!(holds(text, 500, &Value::Null), truth, "{text}");
    }
}

#[test]
fn what_is_none_is_refused_where_it_goes_wrong_with_what_to_write() {
    for (text, at, length, next) in [
        ("", 0, 1, "write an expression"),
        ("$statusCode =", 12, 1, "`==`"),
        ("$statusCode = 200", 12, 1, "`==`"),
        ("$statusCode === 200", 14, 1, "write an expression"),
        ("$statusCode == ", 15, 1, "write an expression"),
        ("$statusCode == 200 and true", 19, 3, "`&&`"),
        ("$statusCode == 200 || ", 22, 1, "write an expression"),
        ("$statusCode == 200)", 18, 1, "take it away"),
        ("($statusCode == 200", 0, 1, "`)`"),
        ("{$statusCode == 200", 0, 1, "`}`"),
        ("100 < $statusCode < 300", 18, 1, "`&&`"),
        ("$response.body.a == available", 20, 9, "'available'"),
        ("$response.body.a == 'available", 20, 1, "where it ends"),
        ("$statusCode == 2xx", 15, 3, "as JSON does"),
        ("$statusCode == 0x10", 15, 4, "as JSON does"),
        ("$statuscode == 200", 0, 11, "$statusCode"),
        ("&& true", 0, 2, "write an expression"),
        ("é", 0, 2, "'é'"),
    ] {
        let misread = Condition::parse(text).expect_err(text);
        assert_eq!((misread.at, misread.length), (at, length), "{text}: {misread}");
        assert!(misread.next.contains(next), "{text}: {misread}");
    }
}

#[test]
fn double_quotes_are_understood_and_told_of() {
    let reading = Condition::parse(r#"$response.body.a == "it's""#).unwrap();
    assert_eq!(reading.condition, read("$response.body.a == 'it''s'"));
    assert_eq!(reading.oddities.len(), 1);
    assert_eq!((reading.oddities[0].at, reading.oddities[0].length), (20, 6));
    assert!(reading.oddities[0].next.contains("'it''s'"));
}

#[test]
fn neither_length_nor_nesting_is_without_bound() {
    let long = format!("'{}'", "x".repeat(MOST));
    assert!(Condition::parse(&long).unwrap_err().why.contains("longer"));
    for open in ["(", "!", "{"] {
        let deep = open.repeat(5_000);
        assert!(
            Condition::parse(&deep).unwrap_err().why.contains("nested"),
            "{open}"
        );
    }
    let wide = vec!["true"; 1_500].join("||");
    assert_eq!(read(&wide).holds(&|_| Known::Unknown), Truth::True);
}

#[test]
fn the_expressions_in_it_are_told_each_once() {
    let condition = read("$statusCode == 200 && ($inputs.a == $statusCode || !$response.body#/x)");
    let told: Vec<String> = condition.expressions().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["$statusCode", "$inputs.a", "$response.body#/x"]);
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(|value| Condition::Literal(value.into())),
        any::<i64>().prop_map(|value| Condition::Literal(value.into())),
        (-1e9..1e9_f64).prop_map(|value| Condition::Literal(value.into())),
        ".{0,6}".prop_map(|text| Condition::Literal(text.into())),
        Just(Condition::Literal(Value::Null)),
        crate::scenario::expression::tests::expression().prop_map(Condition::Expression),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let how = prop_oneof![
            Just(Comparison::Equal),
            Just(Comparison::Unequal),
            Just(Comparison::Less),
            Just(Comparison::AtMost),
            Just(Comparison::More),
            Just(Comparison::AtLeast),
        ];
        prop_oneof![
            inner.clone().prop_map(|inner| Condition::Not(Box::new(inner))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Condition::All),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Condition::Any),
            (inner.clone(), how, inner).prop_map(|(left, how, right)| Condition::Compare {
                left: Box::new(left),
                how,
                right: Box::new(right)
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(condition in condition()) {
        let text = condition.to_string();
        let read = Condition::parse(&text);
        prop_assert_eq!(read.as_ref().map(|read| &read.condition), Ok(&condition), "{}", text);
    }

    #[test]
    fn any_text_is_a_condition_or_is_refused_within_itself(
        text in r"(\$statusCode|\$inputs\.a|\$response\.body|[()!&|=<>\[\]'{}. #/$]|null|true|12|é){0,16}"
    ) {
        match Condition::parse(&text) {
            Ok(reading) => { let _ = reading.condition.holds(&|_| Known::Unknown); }
            Err(misread) => {
                prop_assert!(misread.at <= text.len() && text.is_char_boundary(misread.at), "{:?}", misread);
                prop_assert!(misread.length >= 1 && !misread.next.is_empty());
            }
        }
    }

    #[test]
    fn nothing_panics(text in any::<String>()) {
        let _ = Condition::parse(&text);
    }

    #[test]
    fn no_condition_and_its_negation_both_hold(condition in condition(), status in 100_u16..600) {
        let lookup = |expression: &Expression| match expression.root {
            Root::StatusCode => Known::Value(json!(status)),
            _ => Known::Unknown,
        };
        let negation = Condition::Not(Box::new(condition.clone()));
        prop_assert_eq!(condition.holds(&lookup).not(), negation.holds(&lookup));
    }
}
