//! The first profile: what was found is said, with its place, and what only an owner knows is left as a comment to fill in.

use crate::init::Survey;
use crate::init::hints::Hint;

/// The variable that holds the token of a gate and of a run after the deploy.
pub const TOKEN: &str = "API_TOKEN";

/// The text of `greenlight.toml`.
pub fn render(survey: &Survey) -> String {
    let mut text = String::from(
        "# What Greenlight knows of this service. `greenlight init` wrote it; what is commented out only you can say.\n\n",
    );
    text.push_str(&service(survey));
    text.push_str(&clients(&survey.origins));
    text.push_str(&auth(survey.bearer.as_ref()));
    text.push_str(
        "\n# What must be seen working, or no run is green: at least one call that needs the credential.\n\
         # [[prove]]\n\
         # call = \"GET /me\"\n\
         #\n\
         # [[prove]]\n\
         # call = \"POST /summaries\"\n\
         # effect = \"read\"                      # or \"write\", or \"paid\": what the call does when it is accepted\n\
         # body = { text = \"The kitchen closes at ten.\" }\n\
         # expect = { \"/summary\" = \"nonempty\" }\n",
    );
    text.push_str(&places(survey));
    text
}

fn service(survey: &Survey) -> String {
    let mut text = format!("[service]\nname = {}\n", quoted(&survey.name));
    match (&survey.document, &survey.framework) {
        (Some(document), _) => text.push_str(&format!("contract = {}\n", quoted(document))),
        (None, Some(framework)) if framework.serves_contract => {
            text.push_str(&format!(
                "# {} serves its contract, which is found there.\n",
                framework.name
            ));
        }
        (None, _) => text.push_str("# contract = \"openapi.json\"\n"),
    }
    for (key, hint) in [("health", &survey.routes.health), ("ready", &survey.routes.ready)] {
        match hint {
            Some(hint) => text.push_str(&format!(
                "{key} = {}  # {}\n",
                quoted(&hint.value),
                comment(&hint.place)
            )),
            None => text.push_str(&format!("# {key} = \"/{key}\"\n")),
        }
    }
    text.push_str("# Which build answers, so that a deploy that never came is seen:\n");
    text.push_str("# version = { route = \"/version\", pointer = \"/commit\" }\n");
    text
}

fn clients(origins: &[Hint]) -> String {
    let mut text = String::from("\n# The pages that use it. Preflights are built from what they call.\n");
    let told: Vec<&Hint> = origins.iter().filter(|hint| !hint.is_local()).collect();
    for hint in &told {
        text.push_str(&format!(
            "# [[client]]\n# origin = {}  # {}\n# calls = [{{ call = \"POST /summaries\", headers = [\"authorization\", \"content-type\"] }}]\n",
            quoted(&hint.value),
            comment(&hint.place)
        ));
    }
    if told.is_empty() {
        text.push_str(
            "# [[client]]\n# origin = \"https://app.acme.example\"\n# calls = [{ call = \"POST /summaries\", headers = [\"authorization\", \"content-type\"] }]\n",
        );
    }
    text
}

fn auth(bearer: Option<&Hint>) -> String {
    match bearer {
        Some(hint) => format!(
            "\n[auth]  # {}: {}\nkind = \"bearer\"\ntoken_env = \"{TOKEN}\"  # the name of a variable, never a token\n",
            comment(&hint.place),
            comment(&hint.value)
        ),
        None => format!(
            "\n# [auth]\n# kind = \"bearer\"                      # or api-key, basic, command, oauth2-client-credentials\n# token_env = \"{TOKEN}\"               # the name of a variable, never a token\n"
        ),
    }
}

fn places(survey: &Survey) -> String {
    let spawn = survey
        .framework
        .as_ref()
        .and_then(|framework| framework.spawn.as_ref());
    let local = match spawn {
        Some(spawn) => format!("\n[env.local]\nspawn = {}\n", quoted(spawn)),
        None => "\n# How it is started on a free port:\n# [env.local]\n# spawn = \"./serve --port $PORT\"\n"
            .to_owned(),
    };
    format!("{local}\n# [env.production]\n# url = \"https://api.acme.example/v1\"\n# replicas = 2\n")
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Text that may stand in a comment: a path may hold anything but a line's end there.
fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
