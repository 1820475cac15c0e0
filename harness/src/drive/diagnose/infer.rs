//! What a contract tells of a service about which nobody said anything: what strangers may read, what they may not call,
//! and how callers prove who they are. Never what an operation costs, and never whom to trust.

use crate::check::never::is_never_asked;
use crate::contract::load::Contract;
use crate::contract::operation::Operation;
use crate::model::probe::{Body, Nature};
use crate::model::target::{Auth, Call, ClientCall, Proof, Scheme, Target};

/// Public reads that are asked at most.
const READS: usize = 20;
/// Of so many requests that may go out, one more guarded operation is asked: each takes a preflight, an answer of its own and a
/// refusal that is read as a page reads it, and what comes after them tells more than another of them.
const A_GUARDED_ONE: u32 = 20;
/// Guarded operations that are asked at most.
const GUARDED: u32 = 10;

/// Routes that tell of health by convention, likeliest first.
const HEALTH: &[&str] = &["/health", "/healthz", "/livez", "/health/live", "/status"];
/// Routes that tell of readiness by convention, likeliest first.
const READY: &[&str] = &["/ready", "/readyz", "/health/ready", "/readiness"];

/// The target with what the contract adds. `wanted` is the call that somebody asks about.
pub fn infer(mut target: Target, contract: Option<&Contract>, wanted: Option<&Call>) -> Target {
    if let Some(contract) = contract {
        let routes = &mut target.routes;
        routes.health = routes.health.take().or_else(|| documented(contract, HEALTH));
        routes.ready = routes.ready.take().or_else(|| documented(contract, READY));
        let mut reads = public_reads(contract);
        // One route of health is asked often; another that says the same would only take from what may be asked.
        let chosen = routes.health.clone();
        let spare = |call: &Call| HEALTH.contains(&&*call.path) && chosen.as_ref() != Some(&call.path);
        reads.retain(|call| !spare(call));
        let guarded = guarded(contract, target.bounds.requests);
        for client in &mut target.clients {
            let known = |call: &Call, calls: &[ClientCall]| calls.iter().any(|made| made.call == *call);
            for call in &reads {
                if !known(call, &client.calls) {
                    client.calls.push(made(call, &[]));
                }
            }
            for call in &guarded {
                if !known(call, &client.calls) {
                    client.calls.push(made(call, headers(call)));
                }
            }
        }
        let bearer = contract
            .protected_operations()
            .any(|operation| operation.security.takes_bearer());
        if target.auth.is_none() && bearer && !guarded.is_empty() {
            target.auth = Some(nobody());
        }
        if !guarded.is_empty() {
            let names: Vec<String> = guarded.iter().map(ToString::to_string).collect();
            target.assumed.push(format!(
                "strangers are refused by {}, as its contract says",
                names.join(", ")
            ));
        }
        target.guarded.extend(guarded);
    }
    if let Some(call) = wanted {
        target
            .proofs
            .extend(contract.and_then(|contract| proof(contract, &target, call)));
        for client in &mut target.clients {
            if !client.calls.iter().any(|made| made.call == *call) {
                client.calls.insert(0, made(call, headers(call)));
            }
        }
    }
    target
}

/// The call that somebody asks about, with a body that it should accept. Nobody said what it costs, so it is taken to cost
/// money: the budget decides whether it is made.
fn proof(contract: &Contract, target: &Target, call: &Call) -> Option<Proof> {
    let known = target.proofs.iter().any(|proof| proof.call == *call);
    let path = call.path.split('?').next().unwrap_or_default();
    let mut operations = contract.operations().iter();
    let operation = operations.find(|one| one.method == call.method && one.template == path)?;
    let safe = matches!(call.method.as_str(), "GET" | "HEAD");
    let body = match contract.guess_body(operation) {
        _ if known || call.method == "DELETE" => return None,
        Some(value) => Body::Json {
            value,
            inserts: Vec::new(),
        },
        None if operation.request_body.is_some() => return None,
        None => Body::Empty,
    };
    Some(Proof {
        call: call.clone(),
        body,
        expect: Vec::new(),
        nature: if safe { Nature::Read } else { Nature::Paid },
        protected: !operation.security.allows_anonymous(),
        key: None,
    })
}

fn made(call: &Call, headers: &[&str]) -> ClientCall {
    ClientCall {
        call: call.clone(),
        headers: headers.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// What a page sets on a call that needs a token.
fn headers(call: &Call) -> &'static [&'static str] {
    match call.method.as_str() {
        "GET" | "HEAD" | "DELETE" => &["authorization"],
        _ => &["authorization", "content-type"],
    }
}

/// Callers who prove who they are with a token that nobody has given.
fn nobody() -> Auth {
    Auth {
        scheme: Scheme::Bearer,
        credentials: Vec::new(),
        supply: "--token-prompt".to_owned(),
        supply_expired: "expired_token_env under [auth] in the profile".to_owned(),
        signing: None,
        refresh: None,
        renewal: None,
        session: None,
        issuer: None,
        logout: None,
        login: None,
    }
}

/// The first of these routes that the contract documents as a read for anybody.
fn documented(contract: &Contract, routes: &[&str]) -> Option<String> {
    let read = |route: &&&str| {
        contract.operations().iter().any(|operation| {
            operation.method == "GET"
                && operation.template == **route
                && operation.security.allows_anonymous()
        })
    };
    routes.iter().find(read).map(|route| (*route).to_owned())
}

/// What anybody may read without saying what: no parameters that must be given, and nothing that ends a session.
fn public_reads(contract: &Contract) -> Vec<Call> {
    let reads = contract.operations().iter().filter(|operation| {
        operation.method == "GET" && operation.security.allows_anonymous() && is_harmless(operation)
    });
    reads.take(READS).map(call).collect()
}

/// What only callers with a token may do, as much of it as there are requests for. The likeliest to be what the service is for
/// come first: what is posted.
fn guarded(contract: &Contract, requests: u32) -> Vec<Call> {
    let most = (requests / A_GUARDED_ONE).clamp(1, GUARDED) as usize;
    let bearer = |operation: &&Operation| operation.security.takes_bearer() && is_harmless(operation);
    let mut guarded: Vec<&Operation> = contract.protected_operations().filter(bearer).collect();
    let json = |operation: &Operation| {
        let body = operation.request_body.as_ref();
        body.is_some_and(|body| body.media.iter().any(|media| media.media_type.contains("json")))
    };
    guarded.retain(|operation| operation.method == "GET" || operation.method == "POST" && json(operation));
    guarded.sort_by_key(|operation| (operation.method != "POST", operation.template.len()));
    guarded.into_iter().take(most).map(call).collect()
}

fn call(operation: &Operation) -> Call {
    Call {
        method: operation.method.clone(),
        path: operation.template.clone(),
    }
}

/// Whether it may be called on a guess: it needs no parameter, and neither its path nor its own name says what must not be done
/// unasked.
fn is_harmless(operation: &Operation) -> bool {
    let required = operation.parameters.iter().any(|parameter| parameter.required);
    !required && !operation.template.contains('{') && !is_never_asked(operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;
    use crate::model::target::Routes;

    const DOCUMENT: &str = r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},
      "components":{"securitySchemes":{"token":{"type":"http","scheme":"bearer"}}},
      "paths":{
        "/health":{"get":{"responses":{"200":{"description":"x"}}}},
        "/auth/logout":{"get":{"responses":{"200":{"description":"x"}}}},
        "/data.export":{"get":{"responses":{"200":{"description":"x"}}}},
        "/notes/{id}":{"get":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"x"}}}},
        "/search":{"get":{"parameters":[{"name":"q","in":"query","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"x"}}}},
        "/stats":{"get":{"responses":{"200":{"description":"x"}}}},
        "/me":{"get":{"security":[{"token":[]}],"responses":{"200":{"description":"x"}}}},
        "/upload":{"post":{"security":[{"token":[]}],"requestBody":{"content":{"multipart/form-data":{}}},"responses":{"200":{"description":"x"}}}},
        "/orchestrate":{"post":{"security":[{"token":[]}],"requestBody":{"content":{"application/json":{}}},"responses":{"200":{"description":"x"}}}}
      }}"#;

    fn inferred(wanted: Option<&Call>) -> Target {
        let mut target = target();
        target.auth = None;
        target.proofs.clear();
        target.transcription = None;
        target.routes = Routes::default();
        target.clients.iter_mut().for_each(|client| client.calls.clear());
        infer(target, Some(&Contract::parse(DOCUMENT, "x").unwrap()), wanted)
    }

    fn calls(target: &Target) -> Vec<String> {
        let calls = target.clients.iter().flat_map(|client| &client.calls);
        calls
            .map(|made| format!("{} {}", made.call, made.headers.join("+")))
            .collect()
    }

    #[test]
    fn what_anybody_may_read_is_read_and_what_ends_a_session_is_not() {
        let told = calls(&inferred(None));
        assert!(told.contains(&"GET /health ".to_owned()) && told.contains(&"GET /stats ".to_owned()));
        for never in ["logout", "export", "{id}", "search"] {
            assert!(!told.iter().any(|call| call.contains(never)), "{told:?}");
        }
    }

    #[test]
    fn of_several_routes_of_health_one_is_read() {
        let both = DOCUMENT.replace(
            r#""/stats":"#,
            r#""/livez":{"get":{"responses":{"200":{"description":"x"}}}},"/stats":"#,
        );
        let told = calls(&infer(
            target(),
            Some(&Contract::parse(&both, "x").unwrap()),
            None,
        ));
        assert!(
            told.contains(&"GET /health ".to_owned()) && !told.contains(&"GET /livez ".to_owned()),
            "{told:?}"
        );
        let alone = both.replace(r#""/health":"#, r#""/pulse":"#);
        let mut target = target();
        target.routes = Routes::default();
        let told = calls(&infer(target, Some(&Contract::parse(&alone, "x").unwrap()), None));
        assert!(
            told.contains(&"GET /livez ".to_owned()),
            "the only one there is: {told:?}"
        );
    }

    #[test]
    fn as_many_guarded_operations_are_asked_as_there_are_requests_for() {
        let kept = |n: usize| {
            format!(
                r#""/k{n}":{{"get":{{"security":[{{"token":[]}}],"responses":{{"200":{{"description":"x"}}}}}}}},"#
            )
        };
        let many: String = (0..30).map(kept).collect();
        let many = DOCUMENT.replace(r#""/health":"#, &format!(r#"{many}"/health":"#));
        let contract = Contract::parse(&many, "x").unwrap();
        for (requests, asked) in [(5, 1), (40, 2), (59, 2), (60, 3), (10_000, 10)] {
            let mut target = target();
            target.bounds.requests = requests;
            target.guarded.clear();
            assert_eq!(
                infer(target, Some(&contract), None).guarded.len(),
                asked,
                "{requests}"
            );
        }
    }

    #[test]
    fn no_more_than_twenty_are_read() {
        let public =
            |n: usize| format!(r#""/p{n}":{{"get":{{"responses":{{"200":{{"description":"x"}}}}}}}},"#);
        let thirty: String = (0..30).map(public).collect();
        let many = DOCUMENT.replace(r#""/health":"#, &format!(r#"{thirty}"/health":"#));
        let target = infer(target(), Some(&Contract::parse(&many, "x").unwrap()), None);
        // One needs a credential.
        let public = |call: &String| call.starts_with("GET ") && !call.starts_with("GET /me ");
        let read = calls(&target).into_iter().filter(public);
        assert_eq!(read.count(), 20);
    }

    #[test]
    fn what_is_named_after_what_must_not_be_done_is_not_read_whatever_its_path() {
        let named = DOCUMENT.replace(
            r#""/stats":{"get":{"#,
            r#""/stats":{"get":{"operationId":"exportEverything","#,
        );
        let target = infer(target(), Some(&Contract::parse(&named, "x").unwrap()), None);
        assert!(!calls(&target).contains(&"GET /stats ".to_owned()));
    }

    #[test]
    fn what_the_contract_guards_is_called_without_a_credential_and_nothing_is_guessed_of_its_cost() {
        let target = inferred(None);
        let guarded: Vec<String> = target.guarded.iter().map(ToString::to_string).collect();
        assert_eq!(guarded, ["POST /orchestrate", "GET /me"]);
        assert!(
            target
                .auth
                .as_ref()
                .is_some_and(|auth| auth.credentials.is_empty())
        );
        assert_eq!(target.nature_of(&target.guarded[0]), None);
        assert_eq!(
            (target.routes.health.as_deref(), target.routes.ready.as_deref()),
            (Some("/health"), None)
        );
        assert!(calls(&target).contains(&"POST /orchestrate authorization+content-type".to_owned()));
        assert!(
            target
                .assumed
                .iter()
                .any(|said| said.contains("POST /orchestrate, GET /me"))
        );
    }

    #[test]
    fn the_call_that_somebody_asks_about_is_one_to_be_seen_working_and_is_taken_to_cost() {
        let call = |method: &str, path: &str| Call {
            method: method.into(),
            path: path.into(),
        };
        let target = inferred(Some(&call("POST", "/orchestrate")));
        assert_eq!(target.proofs.len(), 1);
        assert_eq!(
            (target.proofs[0].nature, target.proofs[0].protected),
            (Nature::Paid, true)
        );
        assert_eq!(
            inferred(Some(&call("GET", "/stats"))).proofs[0].nature,
            Nature::Read
        );
        for unknown in [
            call("POST", "/nowhere"),
            call("DELETE", "/stats"),
            call("POST", "/upload"),
        ] {
            assert_eq!(inferred(Some(&unknown)).proofs, [], "{unknown}");
        }
    }

    #[test]
    fn the_call_that_somebody_asks_about_comes_first() {
        let wanted = Call {
            method: "PUT".into(),
            path: "/notes/7".into(),
        };
        assert_eq!(
            calls(&inferred(Some(&wanted)))[0],
            "PUT /notes/7 authorization+content-type"
        );
    }
}
