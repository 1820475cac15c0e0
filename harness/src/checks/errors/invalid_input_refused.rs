//! What a client gets wrong must come back to it as a 4xx. Taken as good it becomes wrong data; passed on unchecked it
//! becomes a crash somewhere else.

use crate::check::Check;
use crate::check::inputs::{Defect, Input, inputs};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Found, Spec, Suite};
use crate::check::view::{Seen, View};
use crate::contract::schema::Direction;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct InvalidInputRefused;

static SPEC: Spec = Spec {
    id: "errors/invalid-input-refused",
    layer: Layer::Errors,
    title: "Invalid input is refused with a 4xx",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A body that is cut off, of another type, or holds audio that is no base64 is the caller's mistake, and the \
                  answer must say so (RFC 9110 §15.5). The cut-off body is sent everywhere, since nobody can accept it; \
                  the others would be paid or written if they were accepted, so they go out only where this run may.",
    hint: "Validate types and encodings before the work begins, and answer 400 or 422 with the name of the field.",
};

impl Check for InvalidInputRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let inputs = inputs(view.target);
        let looked_at = |input: &&Input| {
            let broken = inputs
                .iter()
                .find(|other| other.call == input.call && other.defect == Defect::Broken);
            input.defect == Defect::Broken || broken.is_some_and(|broken| is_looked_at(view, broken))
        };
        inputs
            .iter()
            .filter(looked_at)
            .map(|input| Ask::One(input.probe.clone()))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let inputs = inputs(view.target);
        if inputs.is_empty() {
            return Judgement::NotApplicable("no operation is known that takes a JSON body".into());
        }
        let mut tally = Tally::new(view);
        for input in &inputs {
            judge(view, input, &mut tally);
        }
        tally.done()
    }
}

/// Whether a first answer shows that input is looked at at all: no guard, limit or missing route stands before it.
fn is_looked_at(view: &View<'_>, broken: &Input) -> bool {
    view.answer(&broken.probe)
        .is_some_and(|(_, reply)| !is_in_the_way(reply.status))
}

fn is_in_the_way(status: u16) -> bool {
    matches!(status, 300..=399 | 401 | 403 | 404 | 405 | 407 | 408 | 429)
}

fn judge(view: &View<'_>, input: &Input, tally: &mut Tally<'_>) {
    let (call, what) = (&input.call, input.defect.name());
    let Seen::Answered(exchange, reply) = view.seen(&input.probe) else {
        tally.answer(&input.probe);
        return;
    };
    let page = reply.media_type().as_deref() == Some("text/html");
    let keyless = view.target.auth.as_ref().filter(|auth| auth.good().is_none());
    match (reply.status, keyless) {
        (401, Some(auth)) => tally.missing(
            format!("{call} needs a credential before it looks at its input, and none was given"),
            Some(&auth.supply),
        ),
        (status, _) if is_in_the_way(status) => {
            tally.unknown(
                format!("{call} answers HTTP {status} before it looks at its input"),
                None,
            );
        }
        (500.., _) => {
            let reason = format!(
                "{call} fails with HTTP {} at {what}, which is reported on its own",
                reply.status
            );
            tally.unknown(reason, None);
        }
        (200..300, _) if page => tally.unknown(format!("{call}: a web page answers"), None),
        (200..300, _) => {
            tally.judged(exchange);
            accepted(view, input, reply)
                .into_iter()
                .for_each(|found| tally.find(found.shown_by([exchange])));
        }
        _ => tally.judged(exchange),
    }
}

/// What is wrong when it was accepted. What a correct service may accept is a remark, unless its contract forbids it.
fn accepted(view: &View<'_>, input: &Input, reply: &Reply) -> Option<Found> {
    let severity = match input.defect {
        Defect::Broken
        | Defect::Array
        | Defect::EmptyBody
        | Defect::Octets
        | Defect::Nested
        | Defect::NumberForAudio
        | Defect::NotBase64
        | Defect::Noise => Severity::Major,
        Defect::Nothing | Defect::NumberForText if is_forbidden(view, input) => Severity::Major,
        // Text that a page can send without a preflight, and half of what somebody said.
        Defect::MediaType | Defect::CutAudio => Severity::Minor,
        Defect::Nothing | Defect::NumberForText | Defect::NotUtf8 | Defect::EmptyAudio => Severity::Advisory,
        // A correct service may take these, and only has to survive them.
        Defect::EmptyText
        | Defect::Nul
        | Defect::Surrogate
        | Defect::Null
        | Defect::UnknownLanguage
        | Defect::DataUrl => return None,
    };
    let (call, what, status) = (&input.call, input.defect.name(), reply.status);
    let found = SPEC.finds(
        format!("{call} with {what}"),
        format!("{call} accepts {what} (HTTP {status})"),
    );
    let wanted = match input.defect {
        Defect::MediaType | Defect::Octets => "HTTP 415",
        _ => "HTTP 400 or 422",
    };
    let found = found.expected(wanted).actual(format!("HTTP {status}"));
    Some(found.severity(severity))
}

/// Whether the contract says that the body is invalid.
fn is_forbidden(view: &View<'_>, input: &Input) -> bool {
    let forbidden = || {
        let contract = view.contract?;
        let base = view.target.base_path();
        let found = contract.find(&input.call.method, &input.call.path, base).ok()?;
        let media = found.operation.request_body.as_ref()?.media.iter();
        let schema = media
            .filter(|media| media.media_type.contains("json"))
            .find_map(|media| media.schema.as_ref())?;
        let value = input.value.as_ref()?;
        let violations = contract.violations(schema, Direction::Request, value, &[]).ok()?;
        Some(!violations.is_empty())
    };
    forbidden().unwrap_or(false)
}

#[cfg(test)]
#[path = "invalid_input_tests.rs"]
mod tests;
