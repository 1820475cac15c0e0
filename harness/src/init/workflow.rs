//! The first workflow: a gate for each pull request, and a verification after each deploy that the platform reports.

use crate::init::Survey;

/// The text of `.github/workflows/greenlight.yml`.
pub fn render(survey: &Survey) -> String {
    let framework = survey.framework.as_ref();
    let setup = framework.and_then(|framework| framework.setup.as_deref());
    let setup = setup.map_or_else(String::new, |setup| format!("      setup: {}\n", quoted(setup)));
    let spawn = framework.and_then(|framework| framework.spawn.as_deref());
    let spawn = quoted(spawn.unwrap_or("./serve --port $PORT"));
    format!(
        "# `greenlight init` wrote it. OWNER/greenlight is the repository that holds Greenlight, COMMIT one of its commits.\n\
         name: greenlight\n\
         on:\n\
         \x20 pull_request:\n\
         \x20 deployment_status:\n\
         permissions:\n\
         \x20 contents: read\n\
         jobs:\n\
         \x20 # Before the deploy. The tokens are minted, so that pull requests from forks need no secret.\n\
         \x20 gate:\n\
         \x20   if: github.event_name == 'pull_request'\n\
         \x20   uses: OWNER/greenlight/.github/workflows/gate.yml@COMMIT\n\
         \x20   with:\n\
         \x20     greenlight: OWNER/greenlight\n\
         \x20     greenlight-ref: COMMIT\n\
         {setup}\
         \x20     spawn: {spawn}\n\
         \x20     test-issuer: true\n\
         \x20 # After it: wait for the build, verify it, one paid call at most.\n\
         \x20 post-deploy:\n\
         \x20   if: github.event_name == 'deployment_status' && github.event.deployment_status.state == 'success'\n\
         \x20   uses: OWNER/greenlight/.github/workflows/post-deploy.yml@COMMIT\n\
         \x20   with:\n\
         \x20     greenlight: OWNER/greenlight\n\
         \x20     greenlight-ref: COMMIT\n\
         \x20     url: ${{{{ vars.API_URL }}}}\n\
         \x20     origin: ${{{{ vars.APP_ORIGIN }}}}\n\
         \x20     expect-version: ${{{{ github.event.deployment.sha }}}}\n\
         \x20   secrets:\n\
         \x20     token: ${{{{ secrets.API_TOKEN }}}}\n"
    )
}

/// A YAML scalar in quotes: the escapes of JSON are among those of YAML (YAML 1.2 §5.7).
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
