//! What a document is held to. A rule's id is stable for ever: people write it into tickets and search for it.

use crate::model::lint::Level;

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: &'static str,
    /// How bad it is to break it.
    pub level: Level,
    /// What it asks for, in one sentence.
    pub asks: &'static str,
}

const fn error(id: &'static str, asks: &'static str) -> Rule {
    Rule {
        id,
        level: Level::Error,
        asks,
    }
}

const fn warning(id: &'static str, asks: &'static str) -> Rule {
    Rule {
        id,
        level: Level::Warning,
        asks,
    }
}

/// The text is YAML or JSON.
pub static SYNTAX: Rule = error("syntax", "the document is YAML or JSON");
/// The version is one that is understood.
pub static VERSION: Rule = error("version", "the document says that it is Arazzo 1.0 or 1.1");
/// What must be there is there.
pub static MISSING_FIELD: Rule = error(
    "missing-field",
    "each object has the fields that the specification requires",
);
/// Nothing is there that means nothing.
pub static UNKNOWN_FIELD: Rule = error(
    "unknown-field",
    "each field is one of the specification's, or an extension",
);
/// Values are of the right kind.
pub static WRONG_VALUE: Rule = error(
    "wrong-value",
    "each value is of the kind that the specification names",
);
/// What is refused by name.
pub static NOT_SUPPORTED: Rule = error("not-supported", "XPath and AsyncAPI are not used");
/// Ids and names are unique.
pub static DUPLICATE: Rule = error(
    "duplicate",
    "sources, workflows, steps, parameters and actions have names of their own",
);
/// Names can be referred to.
pub static NAME: Rule = error("name", "names hold letters, digits, `.`, `-` and `_` alone");
/// References lead somewhere.
pub static UNKNOWN_REFERENCE: Rule = error(
    "unknown-reference",
    "each step, workflow, source and component that is named exists",
);
/// Expressions can be read.
pub static EXPRESSION: Rule = error("expression", "each runtime expression can be read");
/// Conditions can be read.
pub static CONDITION: Rule = error("condition", "each simple condition can be read");
/// Patterns can be read.
pub static REGEX: Rule = error("regex", "each regular expression can be read");
/// Queries can be read.
pub static JSONPATH: Rule = error("jsonpath", "each JSONPath query is one of RFC 9535");
/// Outputs are defined where they are used.
pub static UNDEFINED_OUTPUT: Rule = error("undefined-output", "each output that is used is defined");
/// Inputs are declared where they are used.
pub static UNDEFINED_INPUT: Rule = error(
    "undefined-input",
    "each input that is used is a property of the inputs' schema",
);
/// Values are there when they are used.
pub static OUT_OF_ORDER: Rule = error("out-of-order", "each value is there when it is used");
/// Nothing waits for itself.
pub static CYCLE: Rule = error("cycle", "no workflow or step waits for itself");
/// Conditions decide something.
pub static CONSTANT_CONDITION: Rule = error("constant-condition", "each condition can hold, and can fail to");
/// A server error is no success.
pub static ADMITS_5XX: Rule = error("admits-5xx", "no step takes a server error for a success");
/// Actions say where they lead.
pub static ACTION: Rule = error("action", "each action says what its type needs, and nothing else");
/// Operations exist.
pub static UNKNOWN_OPERATION: Rule = error("unknown-operation", "each operation is one of the contract's");
/// It is plain which operation is meant.
pub static AMBIGUOUS_OPERATION: Rule = error(
    "ambiguous-operation",
    "with several sources, each operation says whose it is",
);
/// Parameters exist.
pub static UNKNOWN_PARAMETER: Rule = error(
    "unknown-parameter",
    "each parameter is one of the operation's or the workflow's",
);
/// What is required is given.
pub static MISSING_PARAMETER: Rule = error("missing-parameter", "each call gives what is required");
/// The source can be used.
pub static BAD_SOURCE: Rule = error(
    "bad-source",
    "each source that is at hand is what it is said to be",
);
/// Files that are sent are there.
pub static UNREAD_FILE: Rule = error("unread-file", "each file that a step sends can be read");
/// The source was looked at.
pub static UNREAD_SOURCE: Rule = warning("unread-source", "each source that is a file is at hand");
/// Steps say when they are done well.
pub static NO_CRITERION: Rule = warning(
    "no-criterion",
    "each step that sends a request says what success is",
);
/// Inputs are declared.
pub static UNDECLARED_INPUTS: Rule =
    warning("undeclared-inputs", "a workflow that uses inputs declares them");
/// Header fields are documented.
pub static UNDECLARED_HEADER: Rule = warning(
    "undeclared-header",
    "header fields and cookies are parameters of the operation",
);
/// Spellings are the specification's.
pub static SPELLING: Rule = warning("spelling", "everything is spelt as the specification spells it");
/// Exceptions are needed.
pub static UNUSED_EXCEPTION: Rule = warning(
    "unused-exception",
    "`x-greenlight-expect-5xx` stands where it is needed",
);

/// Every rule, in the order of their ids.
pub static ALL: &[&Rule] = &[
    &ACTION,
    &ADMITS_5XX,
    &AMBIGUOUS_OPERATION,
    &BAD_SOURCE,
    &CONDITION,
    &CONSTANT_CONDITION,
    &CYCLE,
    &DUPLICATE,
    &EXPRESSION,
    &JSONPATH,
    &MISSING_FIELD,
    &MISSING_PARAMETER,
    &NAME,
    &NO_CRITERION,
    &NOT_SUPPORTED,
    &OUT_OF_ORDER,
    &REGEX,
    &SPELLING,
    &SYNTAX,
    &UNDECLARED_HEADER,
    &UNDECLARED_INPUTS,
    &UNDEFINED_INPUT,
    &UNDEFINED_OUTPUT,
    &UNKNOWN_FIELD,
    &UNKNOWN_OPERATION,
    &UNKNOWN_PARAMETER,
    &UNKNOWN_REFERENCE,
    &UNREAD_FILE,
    &UNREAD_SOURCE,
    &UNUSED_EXCEPTION,
    &VERSION,
    &WRONG_VALUE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_sorted_and_fit_to_be_typed() {
        assert!(ALL.windows(2).all(|pair| pair[0].id < pair[1].id));
        for rule in ALL {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(rule.id.chars().all(plain) && !rule.asks.is_empty(), "{}", rule.id);
        }
    }
}
