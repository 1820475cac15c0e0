//! Tests of [`crate::providers::simulator`] as any HTTP client sees it.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::*;

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn file(name: &str) -> Part {
    Part::bytes(include_bytes!("../../../../scenarios/samples/kitchen.wav").as_slice())
        .file_name(name.to_owned())
}

async fn post(simulator: &Simulator, form: Form) -> (u16, Value) {
    let url = format!("{}/audio/transcriptions", simulator.base_url());
    let answer = client()
        .post(url)
        .bearer_auth(KEY)
        .multipart(form)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn says_who_it_is_and_counts_no_unpaid_call() {
    let simulator = Simulator::start(SimulatorSettings::default()).unwrap();
    let url = format!("{}/models", simulator.base_url());
    let models: Value = client()
        .get(url)
        .bearer_auth(KEY)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(models["data"][0]["owned_by"], "greenlight-simulator");
    assert_eq!(simulator.calls(), Calls::default());
}

#[tokio::test]
async fn demands_a_key_in_openai_s_own_words() {
    let simulator = Simulator::start(SimulatorSettings::default()).unwrap();
    let url = format!("{}/chat/completions", simulator.base_url());
    for authorization in ["", "Bearer ", "Basic c2s6"] {
        let answer = client()
            .post(&url)
            .header("authorization", authorization)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 401, "{authorization:?}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
}

#[tokio::test]
async fn refuses_what_the_real_api_refuses_and_names_the_parameter() {
    let simulator = Simulator::start(SimulatorSettings::default()).unwrap();
    let whole = || {
        Form::new()
            .text("model", "whisper-1")
            .part("file", file("audio.wav"))
    };
    for (form, param) in [
        (Form::new().text("model", "whisper-1"), "file"),
        (Form::new().part("file", file("audio.wav")), "model"),
        (
            Form::new().text("model", "whisper-1").part("file", file("audio")),
            "file",
        ),
        (whole().text("language", "pt-BR"), "language"),
        (whole().text("response_format", "xml"), "response_format"),
    ] {
        let (status, body) = post(&simulator, form).await;
        assert_eq!((status, &body["error"]["param"]), (400, &json!(param)));
    }
    let newer = Form::new()
        .text("model", "gpt-4o-transcribe")
        .part("file", file("audio.wav"));
    let (status, _) = post(&simulator, newer.text("response_format", "verbose_json")).await;
    assert_eq!(status, 400);
    let (status, body) = post(
        &simulator,
        whole()
            .text("language", "pt")
            .text("response_format", "verbose_json"),
    )
    .await;
    assert_eq!(
        (status, &body["language"], &body["text"]),
        (200, &json!("portuguese"), &json!("The kitchen closes at ten."))
    );
}

#[tokio::test]
async fn answers_an_unknown_path_or_body_in_the_shape_of_its_errors() {
    let simulator = Simulator::start(SimulatorSettings::default()).unwrap();
    for (method, path, body, wanted) in [
        ("GET", "nothing", "", 404),
        ("GET", "chat/completions", "", 405),
        ("POST", "chat/completions", "{", 400),
        (
            "POST",
            "chat/completions",
            r#"{"model": "m", "messages": []}"#,
            400,
        ),
        ("POST", "audio/transcriptions", "no form", 400),
    ] {
        let url = format!("{}/{path}", simulator.base_url());
        let request = client()
            .request(method.parse().unwrap(), url)
            .bearer_auth(KEY)
            .body(body);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let answer: Value = answer.json().await.unwrap();
        assert!(answer["error"]["message"].is_string(), "{method} {path}");
        if path == "audio/transcriptions" {
            assert!((400..500).contains(&status), "{status}");
        } else {
            assert_eq!(status, wanted, "{method} {path}");
        }
    }
}

/// Cut off while it sends, a client loses the refusal with the connection, or the next call on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_an_upload_before_it_refuses_it() {
    let simulator = Simulator::start(SimulatorSettings::default()).unwrap();
    let url = format!("{}/audio/transcriptions", simulator.base_url());
    let client = client();
    let calls = (0..8).map(|_| {
        let (client, url) = (client.clone(), url.clone());
        tokio::spawn(async move {
            for _ in 0..50 {
                let upload = client.post(&url).body(vec![b'a'; 256 * 1024]);
                let answer = upload.send().await.unwrap();
                assert_eq!(answer.status(), 401);
                let _ = answer.bytes().await.unwrap();
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
}

#[tokio::test]
async fn frees_its_port_when_stopped_though_a_call_hangs() {
    let simulator = Simulator::start(SimulatorSettings {
        mode: Mode::Hangs,
        ..Default::default()
    })
    .unwrap();
    let (url, address) = (
        format!("{}/chat/completions", simulator.base_url()),
        simulator.address,
    );
    let hanging = tokio::spawn(client().post(url).bearer_auth(KEY).send());
    while simulator.calls().completions == 0 {
        tokio::task::yield_now().await;
    }
    let guard = tokio::time::timeout(Duration::from_secs(30), simulator.stop());
    assert!(guard.await.is_ok(), "stopping waits for the call that hangs");
    assert!(hanging.await.unwrap().is_err());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[test]
fn needs_a_runtime_and_says_so() {
    assert!(Simulator::start(SimulatorSettings::default()).is_err());
}
