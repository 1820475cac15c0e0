//! `orchestrate faults`
