//! From profile, variables and flags to what a run is about: the target, and what must be fetched or started before
//! it. A setting comes from a flag, then a variable, then the profile, then a default, and says which.

use crate::model::probe::{Effect, Mode};
use crate::model::target::{Bounds, Client, ClientCall, Environment, Keep, Proof, Target};
use crate::target::convert::{client, declared, keep, proof, routes, transcription};
use crate::target::credential::{self, Wanted};
use crate::target::duration::Millis;
use crate::target::fault::Fault;
use crate::target::mask::mask;
use crate::target::problem::ProfileError;
use crate::target::profile::Document;
use crate::target::read::Profile;
use crate::target::settings::{Overrides, Provenance, Setting};
use crate::target::site::{Names, Place, Said, Site, choose, layered};
use crate::target::size::Bytes;
use crate::target::test_issuer::{self, TestIssuer};
use crate::target::words::ContractPlace;
use crate::target::{check, place};

/// What a run is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The target. Its `base` is empty until the service listens, unless it is at a URL; its credentials are to be
    /// added once they were fetched.
    pub target: Target,
    /// Where the service is, or how to start it.
    pub place: Place,
    /// Credentials to fetch.
    pub wanted: Vec<Wanted>,
    /// The issuer that the run is to be. Then nothing is fetched.
    pub test_issuer: Option<TestIssuer>,
    /// The pinned contract. Absent: the served one.
    pub contract: Option<ContractPlace>,
    /// The route that crashes on purpose. Only for a service that we started.
    pub crash: Option<String>,
    /// How long the service may take to warm up before anything is judged, in milliseconds.
    pub cold_start_ms: u64,
    /// How many instances answer, when known.
    pub replicas: Option<u16>,
    /// The `aud` that tokens carry, when that is to be checked.
    pub audience: Option<String>,
    /// The `iss` that tokens carry, when that is to be checked.
    pub issuer: Option<String>,
    /// Every setting, and where it came from.
    pub settings: Vec<Setting>,
}

/// Why a run cannot be about anything.
#[derive(Debug)]
pub enum Unresolved {
    /// The profile contradicts itself.
    Profile(ProfileError),
    /// The settings do.
    Settings(Fault),
}

impl Unresolved {
    /// The whole of it for a terminal.
    pub fn render(&self, color: bool) -> String {
        match self {
            Unresolved::Profile(error) => error.render(color),
            Unresolved::Settings(fault) => fault.sentence(),
        }
    }
}

/// Resolves what the run is about. `profile` is the merged one, or none at all.
pub fn resolve(
    profile: Option<&Profile>,
    flags: &Overrides,
    variables: &Overrides,
) -> Result<Resolved, Unresolved> {
    profile
        .map_or(Ok(()), check::merged)
        .map_err(Unresolved::Profile)?;
    let empty = Document::default();
    let document = profile.map_or(&empty, |profile| &profile.document);
    let site = choose(document, flags, variables).map_err(Unresolved::Settings)?;
    let test_issuer = test_issuer::resolve(document.auth.as_ref(), flags, &site.place);
    let test_issuer = test_issuer.map_err(Unresolved::Settings)?;
    let auth =
        credential::resolve(document.auth.as_ref(), [flags, variables]).map_err(Unresolved::Settings)?;
    let resolver = Resolver {
        profile,
        document,
        flags,
        variables,
        settings: Vec::new(),
        assumed: Vec::new(),
    };
    Ok(resolver.finish(site, auth, test_issuer))
}

struct Resolver<'a> {
    profile: Option<&'a Profile>,
    document: &'a Document,
    flags: &'a Overrides,
    variables: &'a Overrides,
    settings: Vec<Setting>,
    assumed: Vec<String>,
}

impl Resolver<'_> {
    fn finish(
        mut self,
        site: Site,
        auth: Option<(crate::model::target::Auth, Vec<Wanted>)>,
        test_issuer: Option<TestIssuer>,
    ) -> Resolved {
        let ours = !matches!(site.place, Place::Url(_));
        self.note_site(&site);
        let mut bounds = self.bounds(site.environment);
        let cold_start_ms = self.cold_start(&site);
        bounds.cold_start_ms = cold_start_ms;
        let replicas = self.replicas(&site);
        let contract = self.contract();
        self.note_service();
        let has_auth = auth.is_some();
        let (auth, wanted) = auth.map_or((None, Vec::new()), |(auth, wanted)| (Some(auth), wanted));
        self.note_auth(&wanted);
        if let Some(issuer) = &test_issuer {
            self.note("auth.good", issuer.told(), Provenance::Flag("--test-issuer"));
        }
        let base = match &site.place {
            Place::Url(url) => url.clone(),
            Place::Spawn { .. } | Place::Embedded => String::new(),
        };
        let target = Target {
            name: self.document.service.name.clone(),
            base,
            environment: site.environment,
            ours,
            replicas,
            clients: self.clients(),
            auth,
            routes: routes(&self.document.service),
            proofs: self.proofs(has_auth),
            transcription: self.document.transcription.as_ref().map(transcription),
            keeps: self.keeps(has_auth),
            guarded: Vec::new(),
            natures: self
                .document
                .operations
                .iter()
                .map(|(call, nature)| declared(call, *nature))
                .collect(),
            expect_version: self.expect_version(),
            allow: self.allow(site.environment),
            bounds,
            waivers: self.document.waiver.iter().flatten().map(Into::into).collect(),
            keep_bodies: self.flags.keep_bodies || self.variables.keep_bodies,
            assumed: std::mem::take(&mut self.assumed),
        };
        Resolved {
            target,
            place: site.place,
            wanted,
            test_issuer,
            contract,
            crash: self
                .document
                .crash
                .as_ref()
                .filter(|_| ours)
                .map(|crash| crash.route.0.clone()),
            cold_start_ms,
            replicas,
            audience: self.document.auth.as_ref().and_then(|auth| auth.audience.clone()),
            issuer: self.document.auth.as_ref().and_then(|auth| auth.issuer.clone()),
            settings: self.settings,
        }
    }

    fn note(&mut self, name: &str, value: String, from: Provenance) {
        self.settings.push(Setting {
            name: name.to_owned(),
            value,
            from,
        });
    }

    /// Where an entry of the profile came from, or the default when the profile does not have it.
    fn of_profile(&self, pointer: &str) -> Provenance {
        let place = self.profile.and_then(|profile| profile.place(pointer));
        place.map_or(Provenance::Default, |(file, line)| Provenance::Profile {
            file: file.to_owned(),
            line,
        })
    }

    /// The setting at `pointer`, unless an upper layer says otherwise; noted with its origin.
    fn take<T: std::fmt::Display>(
        &mut self,
        names: Names,
        pointer: &str,
        below: T,
        get: impl Fn(&Overrides) -> Option<T>,
    ) -> T {
        let given = layered(self.flags, self.variables, names, get);
        let (value, from) = given.unwrap_or_else(|| (below, self.of_profile(pointer)));
        self.note(&place::spoken(pointer), value.to_string(), from);
        value
    }

    /// The setting at `pointer`, which only the profile can set.
    fn written<T: std::fmt::Display>(&mut self, pointer: &str, value: T) -> T {
        self.take(("", ""), pointer, value, |_| None)
    }

    fn contract(&mut self) -> Option<ContractPlace> {
        let names = ("--contract", "GREENLIGHT_CONTRACT");
        let given = layered(self.flags, self.variables, names, |layer| layer.contract.clone());
        let (value, from) = match given {
            Some((value, from)) => (Some(value), from),
            None => (
                self.document.service.contract.clone(),
                self.of_profile("/service/contract"),
            ),
        };
        let shown = match &value {
            Some(ContractPlace::File(file)) => file.0.clone(),
            Some(ContractPlace::Url(url)) => mask(url, &[]),
            None => "the served one".to_owned(),
        };
        self.note("service.contract", shown, from);
        value
    }

    /// What the profile says of the service, for `--verbose`.
    fn note_service(&mut self) {
        let service = &self.document.service;
        let routes = [
            ("health", &service.health),
            ("ready", &service.ready),
            ("ai_health", &service.ai_health),
            ("stand_in", &service.stand_in),
        ];
        let routes = routes
            .into_iter()
            .filter_map(|(key, route)| Some((key, route.as_ref()?.0.clone())));
        let version = service.version.iter();
        let version = version.map(|place| ("version", format!("{} of {}", place.pointer.0, place.route.0)));
        let name = service.name.iter().map(|name| ("name", name.clone()));
        for (key, value) in name.chain(routes).chain(version) {
            self.written(&place::join("/service", key), value);
        }
    }

    fn note_auth(&mut self, wanted: &[Wanted]) {
        let given = layered(self.flags, self.variables, ("", ""), credential::given);
        let given = given.map(|((_, (flag, variable)), layer)| match layer {
            Provenance::Flag(_) => Provenance::Flag(flag),
            _ => Provenance::Variable(variable),
        });
        for credential in wanted {
            let from = given
                .clone()
                .filter(|_| !credential.expired)
                .unwrap_or_else(|| self.of_profile("/auth"));
            self.note(
                &format!("auth.{}", credential.name.0),
                credential.origin.to_string(),
                from,
            );
        }
    }

    fn note_site(&mut self, site: &Site) {
        let known = |origin: &Said, resolver: &Self| match origin {
            Said::Known(from) => from.clone(),
            Said::Entry(pointer) => resolver.of_profile(pointer),
        };
        let shown = match &site.place {
            Place::Url(url) => url.clone(),
            Place::Spawn { command, .. } => format!("started by `{}`", mask(command, &[])),
            Place::Embedded => "the embedded reference service".to_owned(),
        };
        let from = known(&site.place_from, self);
        self.note("target", shown, from);
        let from = known(&site.environment_from, self);
        if matches!(site.place, Place::Url(_)) && from == Provenance::Default {
            self.assumed
                .push("treated as production, since no --environment names it otherwise".to_owned());
        }
        self.note("environment", site.environment.name().to_owned(), from);
    }

    fn bounds(&mut self, environment: Environment) -> Bounds {
        let base = Bounds::of(environment);
        let written = &self.document.bounds;
        let run = written.run.unwrap_or(Millis(base.run_ms));
        let requests = written.requests.unwrap_or(base.requests);
        let deadline = written.deadline.unwrap_or(Millis(base.deadline_ms));
        let paid_deadline = written.paid_deadline.unwrap_or(Millis(base.paid_deadline_ms));
        let body_keep = written.body_keep.unwrap_or(Bytes(base.body_keep));
        let body_read = written.body_read.unwrap_or(Bytes(base.body_read));
        let run_keep = written.run_keep.unwrap_or(Bytes(base.run_keep));
        let concurrency = written.concurrency.unwrap_or(base.concurrency);
        let paid = written.paid.or(base.paid);
        let per_operation = written.per_operation.or(base.per_operation);
        let bytes = written.bytes.or(base.bytes.map(Bytes));
        let count = |value: Option<u32>| value.map_or("unlimited".to_owned(), |value| value.to_string());
        let size = |value: Option<Bytes>| value.map_or("unlimited".to_owned(), |value| value.to_string());
        Bounds {
            deadline_ms: self.written("/bounds/deadline", deadline).0,
            paid_deadline_ms: self.written("/bounds/paid_deadline", paid_deadline).0,
            run_ms: self
                .take(("--budget", "GREENLIGHT_RUN"), "/bounds/run", run, |layer| {
                    layer.run
                })
                .0,
            body_keep: self.written("/bounds/body_keep", body_keep).0,
            body_read: self.written("/bounds/body_read", body_read).0,
            run_keep: self.written("/bounds/run_keep", run_keep).0,
            concurrency: self.written("/bounds/concurrency", concurrency),
            requests: {
                let names = ("--budget", "GREENLIGHT_REQUESTS");
                self.take(names, "/bounds/requests", requests, |layer| layer.requests)
            },
            paid: {
                let names = ("--budget", "");
                let told = |layer: &Overrides| layer.paid.map(|paid| count(Some(paid)));
                self.take(names, "/bounds/paid", count(paid), told);
                self.flags.paid.or(paid)
            },
            bytes: {
                let told = |layer: &Overrides| layer.bytes.map(|bytes| size(Some(bytes)));
                self.take(("--budget", ""), "/bounds/bytes", size(bytes), told);
                self.flags.bytes.or(bytes).map(|bytes| bytes.0)
            },
            per_operation: {
                self.written("/bounds/per_operation", count(per_operation));
                per_operation
            },
            cold_start_ms: base.cold_start_ms,
        }
    }

    fn cold_start(&mut self, site: &Site) -> u64 {
        let own = site.entry.as_ref().and_then(|(_, env)| env.cold_start);
        let at = match own {
            Some(_) => format!("/env/{}/cold_start", site.environment.name()),
            None => "/bounds/cold_start".to_owned(),
        };
        let below = own.or(self.document.bounds.cold_start).unwrap_or(Millis(0));
        self.take(("--cold-start", "GREENLIGHT_COLD_START"), &at, below, |layer| {
            layer.cold_start
        })
        .0
    }

    fn replicas(&mut self, site: &Site) -> Option<u16> {
        let below = site.entry.as_ref().and_then(|(_, env)| env.replicas);
        let names = ("--replicas", "GREENLIGHT_REPLICAS");
        let given = layered(self.flags, self.variables, names, |layer| layer.replicas);
        let at = format!("/env/{}/replicas", site.environment.name());
        let (value, from) = match given {
            Some((value, from)) => (Some(value), from),
            None => (below, self.of_profile(&at)),
        };
        self.note(
            "replicas",
            value.map_or("unknown".to_owned(), |value| value.to_string()),
            from,
        );
        value
    }

    fn expect_version(&mut self) -> Option<String> {
        let names = ("--expect-version", "GREENLIGHT_EXPECT_VERSION");
        let given = layered(self.flags, self.variables, names, |layer| {
            layer.expect_version.clone()
        });
        let (version, from) = given?;
        self.note("expect_version", version.clone(), from);
        Some(version)
    }

    fn allow(&mut self, environment: Environment) -> Vec<Effect> {
        if environment == Environment::Local {
            return vec![Effect::Writes, Effect::Paid, Effect::Hostile];
        }
        let mut allow = self.flags.allow.clone();
        allow.extend(
            self.variables
                .allow
                .iter()
                .filter(|effect| !self.flags.allow.contains(effect)),
        );
        allow.dedup();
        allow
    }

    /// The profile's pages; with origins from above, each of those with the calls that the profile knows.
    fn clients(&mut self) -> Vec<Client> {
        let written: Vec<Client> = self.document.client.iter().flatten().map(client).collect();
        let given = layered(
            self.flags,
            self.variables,
            ("--origin", "GREENLIGHT_ORIGIN"),
            |layer| (!layer.origins.is_empty()).then(|| layer.origins.clone()),
        );
        let Some((origins, from)) = given else {
            return written;
        };
        let shown: Vec<&str> = origins.iter().map(|origin| origin.0.0.as_str()).collect();
        self.note("client", shown.join(", "), from);
        if written.is_empty() {
            self.assumed
                .push("pages send no cookies, since no profile says credentials = \"include\"".to_owned());
        }
        let mut calls: Vec<ClientCall> = Vec::new();
        for call in written.iter().flat_map(|client| &client.calls) {
            if !calls.contains(call) {
                calls.push(call.clone());
            }
        }
        let includes = written.iter().any(|client| client.credentials == Mode::Include);
        let credentials = if includes { Mode::Include } else { Mode::Omit };
        let made = origins.into_iter().map(|origin| {
            let same = written.iter().find(|client| client.origin == origin.0).cloned();
            same.unwrap_or_else(|| Client {
                origin: origin.0.clone(),
                credentials,
                calls: calls.clone(),
                page: None,
            })
        });
        made.collect()
    }

    fn keeps(&self, has_auth: bool) -> Vec<Keep> {
        let written = self.document.keep.iter().flatten();
        written.map(|written| keep(written, has_auth)).collect()
    }

    fn proofs(&mut self, has_auth: bool) -> Vec<Proof> {
        let written = self.document.prove.as_deref().unwrap_or_default();
        if has_auth && written.iter().any(|prove| prove.protected.is_none()) {
            self.assumed
                .push("what must be proven needs the credential, unless `protected = false`".to_owned());
        }
        written.iter().map(|prove| proof(prove, has_auth)).collect()
    }
}
