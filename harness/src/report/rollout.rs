//! How waiting for a build ended, for people and for programs, and how it stands meanwhile.

use crate::model::rollout::{Ended, LATEST, Rollout, SCHEMA, Stage, Waited};
use crate::report::human::page::{Page, Paint, Style};
use crate::report::json;
use crate::report::text::{self, NAME, SENTENCE, count, duration};

/// More instances, addresses or builds than this are counted and not named.
const MOST: usize = 6;
/// A commit is shown with so many characters.
const COMMIT: usize = 12;

/// The finished wait for programs: `greenlight.wait/1`.
pub fn json(waited: &Waited) -> String {
    json::document(waited, SCHEMA)
}

/// The finished wait for people.
pub fn human(waited: &Waited, style: Style) -> String {
    let mut page = Page::new(style);
    write(&mut page, &waited.headline, &waited.rollout);
    page.finish()
}

/// The same as the beginning of a page; of a quiet one, its headline alone.
pub fn write(page: &mut Page, headline: &str, rollout: &Rollout) {
    let (word, paint) = match rollout.ended {
        Ended::Settled => ("SETTLED", Paint::Good),
        Ended::Interrupted => ("STOPPED", Paint::Doubt),
        _ => ("NOT SETTLED", Paint::Bad),
    };
    let headline = text::line(headline, SENTENCE);
    page.hang(&[(word, paint), ("  ", Paint::Plain)], (&headline, Paint::Strong));
    if page.quiet() {
        return;
    }
    facts(page, "stages", &stages(rollout));
    facts(page, "builds", &builds(rollout));
    facts(page, "samples", &samples(rollout));
    facts(page, "addresses", &addresses(rollout));
    facts(page, "instances", &instances(rollout));
    facts(page, "no answer", &misses(rollout));
    if rollout.ended == Ended::Settled {
        let excluded = excluded(rollout);
        page.entry("excluded", (&excluded, Paint::Plain));
    }
    next(page, rollout);
}

fn facts(page: &mut Page, label: &str, facts: &[String]) {
    if !facts.is_empty() {
        let label = crate::report::human::page::column(label);
        page.facts(&[(label.as_str(), Paint::Faint)], facts);
    }
}

/// How waiting ended, in one sentence.
pub fn headline(rollout: &Rollout) -> String {
    let expected = short(&rollout.expected);
    let lately = rollout.samples.min(LATEST as u32);
    match rollout.ended {
        Ended::Settled => format!("{expected} is the only build that answers"),
        Ended::NotDeployed => format!("{expected} is not deployed: {} answers", other(rollout)),
        Ended::OldStillLive => {
            let often = |expected: bool| -> u32 {
                let builds = rollout.builds.iter().filter(|build| build.expected == expected);
                builds.map(|build| build.lately).sum()
            };
            let (old, new) = (often(false), often(true));
            let other = other(rollout);
            format!(
                "An old build is still live: {other} answered {old} of the last {lately} samples, {expected} {new}"
            )
        }
        Ended::Superseded => format!(
            "{expected} was superseded: {} answers in its place",
            other(rollout)
        ),
        Ended::Unsteady => {
            let often: u32 = rollout.misses.iter().map(|miss| miss.lately).sum();
            match often {
                0 => format!(
                    "{expected} answers, and not yet often enough in a row to be sure that nothing else does"
                ),
                _ => {
                    format!("{expected} answers, but {often} of the last {lately} samples got no good answer")
                }
            }
        }
        Ended::NoneServed => {
            "Nothing that answers says which build it is, so no deploy can be told from the one before"
                .to_owned()
        }
        Ended::Unreachable => {
            let worst = rollout.misses.iter().max_by_key(|miss| miss.samples);
            let what = worst.map_or("nothing was sampled", |miss| miss.what.as_str());
            format!("Nothing gives a good answer: {what}")
        }
        Ended::Interrupted => format!("Stopped before {expected} was the only build that answers"),
    }
}

/// How it stands, in one calm line.
pub fn progress(rollout: &Rollout) -> String {
    let stage = rollout
        .stages
        .last()
        .map_or(Stage::Warming, |reached| reached.stage);
    let expected = short(&rollout.expected);
    let lately = rollout.samples.min(LATEST as u32);
    let said = match stage {
        Stage::Warming => match rollout.misses.iter().max_by_key(|miss| miss.lately) {
            Some(miss) => format!("no good answer yet ({})", miss.what),
            None => "no answer yet".to_owned(),
        },
        Stage::Old if rollout.builds.is_empty() => {
            "something answers and does not say which build it is".to_owned()
        }
        Stage::Old => format!("{} answers, {expected} not yet", other(rollout)),
        Stage::Mixed => {
            let news = rollout.builds.iter().filter(|build| build.expected);
            let often: u32 = news.map(|build| build.lately).sum();
            format!("{expected} answered {often} of the last {lately} samples")
        }
        Stage::New | Stage::Settled => {
            format!(
                "{expected} answered {} of the {} in a row that are wanted",
                rollout.streak, rollout.needed
            )
        }
    };
    format!(
        "{:>12}  {:<7}  {}",
        duration(rollout.duration_ms),
        stage.word(),
        text::line(&said, SENTENCE)
    )
}

/// The build other than the expected one that answered last.
fn other(rollout: &Rollout) -> String {
    let others = rollout.builds.iter().filter(|build| !build.expected);
    let latest = others.max_by_key(|build| (build.last_ms, build.lately));
    latest.map_or_else(|| "another build".to_owned(), |build| short(&build.build))
}

/// A build as people read it.
fn short(build: &str) -> String {
    let long = build.len() > COMMIT && build.bytes().all(|byte| byte.is_ascii_hexdigit());
    text::line(if long { &build[..COMMIT] } else { build }, NAME)
}

fn stages(rollout: &Rollout) -> Vec<String> {
    let told = rollout.stages.iter();
    let told = told.map(|reached| format!("{} at {}", reached.stage.word(), duration(reached.after_ms)));
    let mut told: Vec<String> = told.collect();
    if told.len() > 2 * MOST {
        let left = told.len() - 2 * MOST;
        told.splice(MOST..told.len() - MOST, [format!("{left} more changes")]);
    }
    told
}

fn builds(rollout: &Rollout) -> Vec<String> {
    bounded(&rollout.builds, |build| {
        let wanted = if build.expected { ", the expected one" } else { "" };
        let times = count(build.samples, "sample", "samples");
        format!(
            "{}{wanted}: {times}, last at {}",
            short(&build.build),
            duration(build.last_ms)
        )
    })
}

fn samples(rollout: &Rollout) -> Vec<String> {
    let sampled = text::line(&rollout.sampled, NAME);
    let all = format!("{} of {sampled}, each on a new connection", rollout.samples);
    let streak = match rollout.streak {
        0 => format!(
            "the last one was not the expected build ({} in a row are wanted)",
            rollout.needed
        ),
        streak => format!(
            "the last {streak} were the expected build ({} in a row are wanted)",
            rollout.needed
        ),
    };
    vec![all, streak]
}

fn addresses(rollout: &Rollout) -> Vec<String> {
    bounded(&rollout.addresses, |seen| {
        let samples = count(seen.samples, "sample", "samples");
        match seen.failures {
            0 => format!("{} ({samples})", seen.address),
            failures => format!("{} ({samples}, {failures} without a good answer)", seen.address),
        }
    })
}

fn instances(rollout: &Rollout) -> Vec<String> {
    bounded(&rollout.instances, |instance| text::line(instance, NAME))
}

fn misses(rollout: &Rollout) -> Vec<String> {
    bounded(&rollout.misses, |miss| {
        format!("{}× {}", miss.samples, text::line(&miss.what, NAME))
    })
}

/// The first of them, and how many more there are.
fn bounded<T>(things: &[T], say: impl Fn(&T) -> String) -> Vec<String> {
    let mut said: Vec<String> = things.iter().take(MOST).map(say).collect();
    if things.len() > MOST {
        said.push(format!("{} more", things.len() - MOST));
    }
    said
}

fn excluded(rollout: &Rollout) -> String {
    format!(
        "more than {} % of old instances, at 95 %, as long as new connections are spread at random",
        rollout.excluded_percent
    )
}

fn next(page: &mut Page, rollout: &Rollout) {
    let steps: &[&str] = match rollout.ended {
        Ended::Settled | Ended::Interrupted => &[],
        Ended::NotDeployed => &[
            "look at the platform's list of deploys: did this build start, pass its health check and become the live one?",
            "see that no cache answers: an Age header on the sampled route tells",
        ],
        Ended::OldStillLive => &[
            "look for an instance that was not replaced: a stuck drain, a second service on the same host, another region",
            "wait longer with --for if the swap takes its time",
        ],
        Ended::Superseded => &["verify the build that is live now, or deploy this one again"],
        Ended::Unsteady => {
            &["look at the new build's own log and restarts: it answers, and then it does not"]
        }
        Ended::NoneServed => &[
            "serve the commit, and name the place: version = { route = \"/version\", pointer = \"/commit\" } under [service]",
        ],
        Ended::Unreachable => &["ask it why: greenlight diagnose with the same URL"],
    };
    for (at, step) in steps.iter().enumerate() {
        page.entry(if at == 0 { "next" } else { "" }, (step, Paint::Plain));
    }
    let Some(remedy) = &rollout.remedy else { return };
    let whose = match &remedy.framework {
        Some(framework) => format!("in {framework}, these lines serve it:"),
        None => "these answers serve it, in whatever the service is written:".to_owned(),
    };
    page.entry("", (&whose, Paint::Plain));
    for line in &remedy.lines {
        page.whole(&[("              ", Paint::Plain)], (line, Paint::Plain));
    }
}

#[cfg(test)]
#[path = "rollout_tests.rs"]
mod tests;
