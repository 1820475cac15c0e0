//! What a call is given: what is required, and nothing that is not there.

use crate::scenario::document::{Parameter, Place, Step, Word, Workflow};
use crate::scenario::lint::Judge;
use crate::scenario::lint::inputs::declared;
use crate::scenario::lint::operations::Promised;
use crate::scenario::lint::resolve::{Named, instead};
use crate::scenario::rule;
use crate::target::fault::quote;

/// Header fields that OpenAPI describes elsewhere than in parameters (OpenAPI 3.1 §Parameter Object).
const ELSEWHERE: &[&str] = &["accept", "content-type", "authorization"];

impl<'s> Judge<'s, '_> {
    /// Each parameter of a request says where in it it goes.
    pub(in crate::scenario) fn places(&mut self, step: &'s Step) {
        for parameter in &step.parameters {
            let Some((parameter, _)) = self.parameter(parameter) else {
                continue;
            };
            if parameter.place.is_none() {
                let what = format!(
                    "it is not said where the parameter {} goes",
                    quote(&parameter.name.value)
                );
                let why = "only a workflow's inputs have no place";
                let next = "add `in: query`, or where else it goes: path, header, cookie";
                self.remarks
                    .add(&rule::MISSING_FIELD, parameter.name.at, what, why, next);
            }
        }
    }

    /// The parameters of a step, and those that the workflow gives to each of its steps and this one does not override.
    fn given(&mut self, workflow: &'s Workflow, step: &'s Step) -> (Vec<&'s Parameter>, Vec<&'s Parameter>) {
        let own = step
            .parameters
            .iter()
            .filter_map(|parameter| Some(self.parameter(parameter)?.0))
            .collect();
        let common = workflow
            .parameters
            .iter()
            .filter_map(|parameter| Some(self.parameter(parameter)?.0))
            .collect();
        (own, common)
    }

    pub(in crate::scenario) fn operation_parameters(
        &mut self,
        workflow: &'s Workflow,
        step: &'s Step,
        promised: Promised<'s>,
        called: &Word,
    ) {
        let Promised { contract, operation } = promised;
        let (own, common) = self.given(workflow, step);
        for parameter in &own {
            self.own_parameter(parameter, promised);
        }
        let all: Vec<&Parameter> = own.into_iter().chain(common).collect();
        self.required_parameters(&all, promised, called);
        let body = operation.request_body.as_ref().is_some_and(|body| body.required);
        if body && step.body.is_none() {
            let what = format!("{} is called without a body", operation.name());
            let why = format!("{} requires one", contract.source());
            let next = "add `requestBody: {payload: …}`";
            self.remarks
                .add(&rule::MISSING_PARAMETER, called.at, what, why, next);
        }
    }

    fn required_parameters(&mut self, all: &[&Parameter], promised: Promised<'s>, called: &Word) {
        let Promised { contract, operation } = promised;
        let whole_query = all
            .iter()
            .any(|parameter| parameter.place == Some(Place::QueryString));
        for wanted in operation.parameters.iter().filter(|wanted| wanted.required) {
            let given = all
                .iter()
                .any(|parameter| is_meant(parameter, &wanted.name, &wanted.location));
            let spared = match wanted.location.as_str() {
                "header" => ELSEWHERE
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&wanted.name)),
                "query" => whole_query,
                _ => false,
            };
            if !given && !spared {
                let what = format!(
                    "{} is called without its {} parameter {}",
                    operation.name(),
                    wanted.location,
                    quote(&wanted.name)
                );
                let why = format!("{} requires it", contract.source());
                let next = format!(
                    "add `{{name: {}, in: {}, value: …}}`",
                    wanted.name, wanted.location
                );
                self.remarks
                    .add(&rule::MISSING_PARAMETER, called.at, what, why, next);
            }
        }
    }

    fn own_parameter(&mut self, parameter: &Parameter, promised: Promised<'s>) {
        let Promised { contract, operation } = promised;
        let Some(place) = parameter.place else { return };
        let name = parameter.name.value.as_str();
        let known = operation.parameters.iter();
        if known
            .clone()
            .any(|known| is_meant(parameter, &known.name, &known.location))
            || is_credential(promised, place, name)
        {
            return;
        }
        let next = instead(
            name,
            known
                .filter(|known| known.location == place.word())
                .map(|known| known.name.as_str()),
        );
        let what = format!(
            "{} has no {} parameter {}",
            operation.name(),
            place.word(),
            quote(name)
        );
        match place {
            Place::Path | Place::Query | Place::QueryString => {
                let why = format!(
                    "{} does not describe it, so it would be ignored at best",
                    contract.source()
                );
                self.remarks
                    .add(&rule::UNKNOWN_PARAMETER, parameter.name.at, what, why, next);
            }
            Place::Header | Place::Cookie => {
                let why = format!("{} does not describe it", contract.source());
                self.remarks
                    .add(&rule::UNDECLARED_HEADER, parameter.name.at, what, why, next);
            }
        }
    }

    pub(in crate::scenario) fn workflow_parameters(
        &mut self,
        step: &'s Step,
        called: &Word,
        named: Named<'s>,
    ) {
        let other = named.workflow;
        let given: Vec<&Parameter> = step
            .parameters
            .iter()
            .filter_map(|parameter| Some(self.parameter(parameter)?.0))
            .collect();
        let Some(declared) = declared(named.document, other) else {
            return;
        };
        let id = quote(&other.id.value);
        for parameter in &given {
            let name = parameter.name.value.as_str();
            if !declared.open && !declared.names.contains(&name) {
                let what = format!("the workflow {id} has no input {}", quote(name));
                let next = instead(name, declared.names.iter().copied());
                let why = "the schema of its inputs does not list it";
                self.remarks
                    .add(&rule::UNKNOWN_PARAMETER, parameter.name.at, what, why, next);
            }
        }
        for wanted in &declared.required {
            if !given.iter().any(|parameter| parameter.name.value == **wanted) {
                let what = format!("the workflow {id} is called without its input {}", quote(wanted));
                let next = format!("add `{{name: {wanted}, value: …}}`");
                self.remarks.add(
                    &rule::MISSING_PARAMETER,
                    called.at,
                    what,
                    "its inputs require it",
                    next,
                );
            }
        }
    }
}

/// Whether a parameter is the one of the contract.
fn is_meant(parameter: &Parameter, name: &str, location: &str) -> bool {
    let same = match parameter.place {
        Some(Place::Header) => parameter.name.value.eq_ignore_ascii_case(name),
        _ => parameter.name.value == name,
    };
    same && parameter.place.is_some_and(|place| place.word() == location)
}

/// Whether a parameter carries what a security scheme asks for, which no list of parameters has.
fn is_credential(promised: Promised<'_>, place: Place, name: &str) -> bool {
    if place == Place::Header && ELSEWHERE.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return true;
    }
    let schemes = promised
        .contract
        .document()
        .pointer("/components/securitySchemes");
    let schemes = schemes
        .and_then(|schemes| schemes.as_object())
        .into_iter()
        .flatten();
    let text = |scheme: &serde_json::Value, key: &str| {
        scheme
            .get(key)
            .and_then(|value| value.as_str())
            .map(str::to_owned)
    };
    schemes.map(|(_, scheme)| scheme).any(|scheme| {
        let named = text(scheme, "name").is_some_and(|known| known.eq_ignore_ascii_case(name));
        named && text(scheme, "in").as_deref() == Some(place.word())
    })
}
