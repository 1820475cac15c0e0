//! Several profiles as one: what a later one says counts. Scalars and whole arrays of tables are replaced, `env` and
//! `operations` entry by entry; `[auth]` and `[transcription]` are replaced whole, since half of one credential and
//! half of another is none.

use std::sync::Arc;

use crate::target::profile::{Bounds, Document, Env, Service};
use crate::target::read::Profile;
use crate::target::words::{ContractPlace, FileName};

/// The profiles as one, the last one winning. Nothing at all is an empty profile.
pub fn merge(profiles: Vec<Profile>) -> Profile {
    let empty = Profile {
        document: Document::default(),
        sources: Vec::new(),
    };
    profiles.into_iter().reduce(over).unwrap_or(empty)
}

fn over(base: Profile, later: Profile) -> Profile {
    let mut sources = later.sources;
    let others = base
        .sources
        .into_iter()
        .filter(|source| !sources.contains(source))
        .collect::<Vec<Arc<_>>>();
    sources.extend(others);
    Profile {
        document: documents(base.document, later.document),
        sources,
    }
}

fn documents(base: Document, later: Document) -> Document {
    let mut env = base.env;
    for (name, entry) in later.env {
        let below = env.remove(&name).unwrap_or_default();
        env.insert(name, environments(below, entry));
    }
    let mut operations = base.operations;
    operations.extend(later.operations);
    Document {
        service: services(base.service, later.service),
        client: later.client.or(base.client),
        auth: later.auth.or(base.auth),
        prove: later.prove.or(base.prove),
        keep: later.keep.or(base.keep),
        transcription: later.transcription.or(base.transcription),
        operations,
        crash: later.crash.or(base.crash),
        waiver: later.waiver.or(base.waiver),
        bounds: bounds(base.bounds, later.bounds),
        env,
    }
}

fn services(base: Service, later: Service) -> Service {
    Service {
        name: later.name.or(base.name),
        contract: later.contract.or(base.contract),
        version: later.version.or(base.version),
        health: later.health.or(base.health),
        ready: later.ready.or(base.ready),
        ai_health: later.ai_health.or(base.ai_health),
        stand_in: later.stand_in.or(base.stand_in),
    }
}

fn bounds(base: Bounds, later: Bounds) -> Bounds {
    Bounds {
        deadline: later.deadline.or(base.deadline),
        paid_deadline: later.paid_deadline.or(base.paid_deadline),
        cold_start: later.cold_start.or(base.cold_start),
        run: later.run.or(base.run),
        body_keep: later.body_keep.or(base.body_keep),
        body_read: later.body_read.or(base.body_read),
        run_keep: later.run_keep.or(base.run_keep),
        concurrency: later.concurrency.or(base.concurrency),
        requests: later.requests.or(base.requests),
        paid: later.paid.or(base.paid),
        bytes: later.bytes.or(base.bytes),
        per_operation: later.per_operation.or(base.per_operation),
    }
}

/// Where it is (`url`, or `spawn` with `base`) is one thing: a later `url` replaces an earlier `spawn`.
fn environments(base: Env, later: Env) -> Env {
    let moved = later.url.is_some() || later.spawn.is_some();
    let (url, spawn, path) = match moved {
        true => (later.url, later.spawn, later.base),
        false => (base.url, base.spawn, later.base.or(base.base)),
    };
    Env {
        url,
        spawn,
        base: path,
        replicas: later.replicas.or(base.replicas),
        cold_start: later.cold_start.or(base.cold_start),
    }
}

impl Document {
    /// The files that the profile names, each with the pointer of its entry.
    pub fn files(&self) -> Vec<(String, &str)> {
        let mut files = Vec::new();
        if let Some(ContractPlace::File(name)) = &self.service.contract {
            files.push(("/service/contract".to_owned(), name.0.as_str()));
        }
        for (position, prove) in self.prove.iter().flatten().enumerate() {
            let audio = prove.audio.iter();
            files.extend(
                audio.map(|audio| (format!("/prove/{position}/audio/sample"), audio.sample.0.as_str())),
            );
        }
        for (position, sample) in self
            .transcription
            .iter()
            .flat_map(|role| &role.samples)
            .enumerate()
        {
            files.push((
                format!("/transcription/samples/{position}/file"),
                sample.file.0.as_str(),
            ));
        }
        files
    }

    fn names(&mut self) -> Vec<&mut FileName> {
        let contract = self.service.contract.iter_mut().filter_map(|place| match place {
            ContractPlace::File(name) => Some(name),
            ContractPlace::Url(_) => None,
        });
        let proofs = self
            .prove
            .iter_mut()
            .flatten()
            .filter_map(|prove| prove.audio.as_mut());
        let samples = self
            .transcription
            .iter_mut()
            .flat_map(|role| role.samples.iter_mut());
        contract
            .chain(proofs.map(|audio| &mut audio.sample))
            .chain(samples.map(|sample| &mut sample.file))
            .collect()
    }
}

impl Profile {
    /// The same profile with every file named relative to where `directory` is, instead of relative to `directory`
    /// itself. Done once, before merging, so that files of several profiles can stand side by side.
    pub fn anchored(mut self, directory: &str) -> Profile {
        for name in self.document.names() {
            name.0 = beneath(directory, &name.0);
        }
        self
    }
}

/// `name` as seen from where `directory` is: `a/b` and `../c` make `a/c`.
fn beneath(directory: &str, name: &str) -> String {
    if name.starts_with('/') || directory.is_empty() {
        return name.to_owned();
    }
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| *part != "." && !part.is_empty())
        .collect();
    for part in name.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if directory.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_where_the_directory_is() {
        for (directory, name, seen) in [
            ("scenarios", "samples/a.wav", "scenarios/samples/a.wav"),
            ("scenarios", "../contracts/x.json", "contracts/x.json"),
            ("scenarios", "../../x.json", "../x.json"),
            ("/etc/gl", "../x.json", "/etc/x.json"),
            (".", "./x.json", "x.json"),
            ("", "x.json", "x.json"),
            ("a", "/x.json", "/x.json"),
        ] {
            assert_eq!(beneath(directory, name), seen, "{directory} {name}");
        }
    }
}
