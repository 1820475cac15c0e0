//! What the causes behind speech in the wrong language have in common: only samples in another language go wrong.

use crate::check::text::clean;
use crate::diagnosis::case::{Case, explained};
use crate::diagnosis::plain::about_the_work;
use crate::diagnosis::samples::{Tried, file, tried};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// Languages by code and by the English name that recognisers answer with.
const NAMES: [(&str, &str); 14] = [
    ("ar", "arabic"),
    ("de", "german"),
    ("en", "english"),
    ("es", "spanish"),
    ("fr", "french"),
    ("hi", "hindi"),
    ("it", "italian"),
    ("ja", "japanese"),
    ("ko", "korean"),
    ("nl", "dutch"),
    ("pl", "polish"),
    ("pt", "portuguese"),
    ("ru", "russian"),
    ("zh", "chinese"),
];

/// What the answer says of its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The language that was asked for.
    Asked,
    /// Another one, or nothing.
    Another,
}

/// The diagnosis, when all samples in the body's own language are right, one in another language comes back in other
/// words, and its answer says this of its language.
pub fn diagnose(
    case: &Case<'_>,
    said: Said,
    cause: &str,
    statement: &str,
    next: &[&str],
) -> Option<Diagnosis> {
    let (role, tried) = tried(case)?;
    let (foreign, own): (Vec<Tried<'_>>, Vec<Tried<'_>>) = tried
        .into_iter()
        .partition(|tried| tried.sample.language.is_some());
    let own_right = !own.is_empty() && own.iter().all(Tried::is_right);
    let wrong: Vec<Tried<'_>> = foreign
        .into_iter()
        .filter(|tried| !tried.found.is_empty() && tried.has_text(role))
        .collect();
    let first = wrong.first().filter(|_| own_right)?;
    let asked = first.sample.language.as_deref()?;
    let place = role.language_at.as_deref();
    let named = place.and_then(|at| Some(first.reply.body.json()?.pointer(at)?.as_str()?.to_owned()));
    let says = match &named {
        Some(named) if is_same(asked, named) => Said::Asked,
        _ => Said::Another,
    };
    if says != said {
        return None;
    }
    let exchanges: Vec<_> = wrong.iter().map(|tried| tried.exchange).collect();
    let mut evidence = words::seen(&exchanges);
    evidence.extend(first.found.iter().map(|finding| finding.actual.clone()).take(1));
    evidence.push(format!(
        "asked for {asked}; the answer says {}",
        named.map_or_else(|| "no language".to_owned(), |named| clean(&named, 40))
    ));
    Some(Diagnosis {
        cause: cause.to_owned(),
        statement: format!("{} {statement}: {}", role.call, file(first.sample)),
        blame: Blame::Deploy,
        confidence: Confidence::Likely,
        evidence,
        ruled_out: vec!["recordings in the usual language: their words come back right".to_owned()],
        likely_causes: Vec::new(),
        help: None,
        next_steps: next.iter().map(|step| (*step).to_owned()).collect(),
        explains: explained(about_the_work(case, &exchanges)),
    })
}

/// Whether a code and what a recogniser calls it are one language. A region does not matter.
fn is_same(asked: &str, named: &str) -> bool {
    let short = |text: &str| text.split(['-', '_']).next().unwrap_or(text).to_lowercase();
    let (asked, named) = (short(asked), short(named));
    let known = NAMES.iter().find(|(code, _)| *code == asked);
    asked == named || known.is_some_and(|(_, name)| *name == named)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn codes_regions_and_names_of_one_language_are_the_same() {
        assert!(is_same("pt", "pt-BR") && is_same("pt-BR", "Portuguese") && is_same("en", "EN"));
        assert!(!is_same("pt", "english") && !is_same("pt", "pl"));
    }
}
