//! What is wrong with `[[keep]]` although every single value of it can be read.

use crate::model::keep::ID;
use crate::model::probe::Nature;
use crate::target::check::Faults;
use crate::target::fault::{Fault, quote};
use crate::target::profile::Keep;
use crate::target::words::Operation;

/// Refuses a keep that keeps nothing, and one of which nobody would find the thing again.
pub fn keep(at: &str, keep: &Keep, faults: &mut Faults) {
    if keep.effect == Nature::Read {
        let fault = Fault::new(
            format!("{} keeps something and only reads", keep.call.0),
            "whatever keeps something writes",
            "write `effect = \"write\"`, or \"paid\" when the call costs money besides",
        );
        faults.push((format!("{at}/effect"), fault));
    }
    for (key, operation) in [("read", &keep.read), ("delete", &keep.delete)] {
        if !operation.0.path.contains(ID) {
            faults.push((format!("{at}/{key}"), unnamed(key, operation)));
        }
    }
    let safe = [("read", Some(&keep.read)), ("list", keep.list.as_ref())];
    for (key, operation) in safe {
        if let Some(operation) = operation.filter(|operation| operation.0.method != "GET") {
            let what = format!("{} does not only read", quote(&operation.0.to_string()));
            let next = format!(
                "name the GET operation, such as `{key} = \"GET {}\"`",
                operation.0.path
            );
            faults.push((
                format!("{at}/{key}"),
                Fault::new(what, "it is asked again while something is not found", next),
            ));
        }
    }
}

fn unnamed(key: &str, operation: &Operation) -> Fault {
    let path = operation.0.path.trim_end_matches('/');
    Fault::new(
        format!(
            "{} does not say where the id goes",
            quote(&operation.0.to_string())
        ),
        "it is about the one thing that was kept",
        format!("write `{key} = \"{} {path}/{ID}\"`", operation.0.method),
    )
}
