//! What a repository tells of the service in it, and the first profile and workflow that follow from that. Pure: whoever calls
//! it brings the texts. Nothing here decides what an owner must: candidates for pages, costs and proofs are written down as
//! comments.

pub mod framework;
pub mod hints;
pub mod profile;
pub mod workflow;

use crate::init::framework::Framework;
use crate::init::hints::{Hint, Routes};

/// A file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path from the repository's root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl File {
    /// The last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The directory that it lies in; empty at the root.
    pub fn directory(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    /// How deep it lies.
    pub fn depth(&self) -> usize {
        self.path.matches('/').count()
    }

    /// What stands behind the last full stop of its name.
    pub fn extension(&self) -> &str {
        self.name()
            .rsplit_once('.')
            .map_or("", |(_, extension)| extension)
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// What the service is called.
    pub name: String,
    /// What it is written with.
    pub framework: Option<Framework>,
    /// An OpenAPI document that lies here.
    pub document: Option<String>,
    /// Where it says how it is.
    pub routes: Routes,
    /// Origins that stand where CORS is set up.
    pub origins: Vec<Hint>,
    /// Where a bearer token is asked for.
    pub bearer: Option<Hint>,
}

/// Looks at the files. `name` is that of the repository.
pub fn survey(name: &str, files: &[File]) -> Survey {
    let document = hints::document(files);
    Survey {
        name: name.to_owned(),
        framework: framework::find(files),
        routes: hints::routes(files, document),
        origins: hints::origins(files),
        bearer: hints::bearer(files),
        document: document.map(|file| file.path.clone()),
    }
}

#[cfg(test)]
mod tests;
