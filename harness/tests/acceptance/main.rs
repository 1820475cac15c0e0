//! What is promised to users, shown by the real binary against real services over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails the test by panicking"
)]

mod accepted;
mod begun;
mod binary;
mod browser;
mod counting;
mod dns;
mod driven;
mod exporter;
mod relay;
mod service;
#[path = "../support/shown.rs"]
mod shown;

mod baseline;
mod browser_export;
mod bundle;
mod cleaned_up;
mod covered;
mod diagnosed;
mod diagnosed_edge;
mod diagnosed_in_time;
mod diagnosed_leaves;
mod diagnosed_names;
mod diagnosed_public;
mod diagnosed_symptoms;
mod diagnosed_waking;
mod doctor;
mod effects;
mod healthy_in_a_row;
mod hooks;
mod hostile_pages;
mod html_page;
mod identity;
mod interrupted;
mod issuer;
mod kept_secret;
mod output_formats;
mod pages;
mod paid_once;
mod quiet;
mod refused_before_sending;
mod report_schemas;
mod reproductions;
mod runtimes;
mod said;
mod scenarios;
mod spawned;
mod terminal;
mod two_in_the_morning;
mod unproven;
mod unreachable;
mod verified_waking;
