//! The service over real sockets: one process, many services, each on a free port.

mod audio;
mod auth;
mod contract;
mod cors_table;
mod four_commands;
mod health;
mod input;
mod saving;
mod shutdown;
mod support;
