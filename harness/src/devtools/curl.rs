//! Reads what a browser copies as a curl command.
