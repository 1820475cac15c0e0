//! The list itself.

/// These tests, each by its file under the crate and its name, are red when the bug is put in.
pub(crate) struct Caught(pub(crate) &'static [(&'static str, &'static str)]);

const TABLE: &str = "tests/it/cors_table/mod.rs";
const READABLE: &str = "every_class_of_answer_is_readable_by_the_allowed_origin_and_no_other";
const WORDS: (&str, &str) = (
    "tests/it/input.rs",
    "text_is_answered_with_transcription_and_concepts",
);
const GUARDED: (&str, &str) = (
    "tests/it/auth.rs",
    "bug_28_and_31_every_guarded_operation_takes_every_good_credential_and_no_other",
);
const CONTRACT: &str = "tests/it/recorded_bugs/contract.rs";
const RECORDS: &str = "tests/it/recorded_bugs/records.rs";
const RUNNING: &str = "tests/it/recorded_bugs/running.rs";
const METACHARACTERS: (&str, &str) = (
    RECORDS,
    "bug_24_25_and_37_a_query_means_what_it_says_whatever_is_in_it",
);
const BOOTS: (&str, &str) = ("tests/it/command_line.rs", "serves_until_it_is_told_to_stop");

/// Each number of the record, what was wrong, and what became of it here.
pub(crate) const RECORDED: [(u8, &str, Caught); 45] = [
    (
        1,
        "a 500 without CORS headers; {} is 500",
        Caught(&[
            (TABLE, READABLE),
            ("tests/it/input.rs", "what_cannot_be_worked_on_is_400"),
        ]),
    ),
    (2, "authenticated work is 500", Caught(&[WORDS])),
    (3, "it does not boot: syntax error", Caught(&[BOOTS])),
    (
        4,
        "it does not boot: a dependency is not declared",
        Caught(&[BOOTS]),
    ),
    (
        5,
        "every refresh is 500",
        Caught(&[
            (
                "tests/it/sessions.rs",
                "bug_5_a_good_refresh_token_gives_the_next_pair",
            ),
            (
                "tests/it/sessions.rs",
                "bug_5_a_bad_refresh_token_is_401_with_its_reason",
            ),
        ]),
    ),
    (
        6,
        "the model refuses what is asked of it",
        Caught(&[
            (
                "tests/provider.rs",
                "each_sample_is_heard_as_what_it_says_and_read_as_what_it_means",
            ),
            (
                "src/providers/openai/tests.rs",
                "asks_for_concepts_under_a_strict_schema",
            ),
        ]),
    ),
    (
        7,
        "the provider refuses the language pt-BR",
        Caught(&[
            (RECORDS, "bug_7_and_15_what_a_page_sends_is_taken_as_it_sends_it"),
            (
                "src/providers/openai/tests.rs",
                "sends_the_file_under_a_name_and_type_of_its_container_and_the_short_language",
            ),
        ]),
    ),
    (
        8,
        "usage-stats is always 500",
        Caught(&[
            (
                CONTRACT,
                "bug_8_and_13_every_operation_that_is_documented_is_served_and_none_is_a_5xx",
            ),
            (
                "tests/it/usage.rs",
                "a_day_has_what_was_asked_and_a_restart_forgets_nothing",
            ),
        ]),
    ),
    (
        9,
        "a preview writes",
        Caught(&[(RECORDS, "bug_9_a_preview_writes_nothing")]),
    ),
    (10, "authenticated work is 500 for six days", Caught(&[WORDS])),
    (
        11,
        "an API key is refused though documented",
        Caught(&[
            GUARDED,
            (
                "tests/it/keys.rs",
                "bug_11_and_12_a_key_works_at_once_on_every_operation_that_documents_it",
            ),
        ]),
    ),
    (
        12,
        "an API key is refused by some operations",
        Caught(&[
            GUARDED,
            (
                "tests/it/keys.rs",
                "bug_11_and_12_a_key_works_at_once_on_every_operation_that_documents_it",
            ),
        ]),
    ),
    (
        13,
        "a page calls what is not served",
        Caught(&[
            (
                CONTRACT,
                "bug_8_and_13_every_operation_that_is_documented_is_served_and_none_is_a_5xx",
            ),
            (CONTRACT, "bug_13_what_a_page_calls_is_documented"),
        ]),
    ),
    (
        14,
        "a page's request arrives without its credential",
        Caught(&[(
            CONTRACT,
            "bug_14_a_page_may_send_its_credential_to_every_operation",
        )]),
    ),
    (
        15,
        "a null is 422",
        Caught(&[
            (RECORDS, "bug_7_and_15_what_a_page_sends_is_taken_as_it_sends_it"),
            (
                "src/http/ask_tests.rs",
                "null_counts_as_absent_and_unknown_fields_are_ignored",
            ),
        ]),
    ),
    (
        16,
        "one record without an entity makes every read 500",
        Caught(&[(
            RECORDS,
            "bug_16_a_record_with_gaps_is_read_and_listed_beside_whole_ones",
        )]),
    ),
    (
        17,
        "entity_id comes back under another name",
        Caught(&[(RECORDS, "bug_17_and_18_every_field_comes_back_under_its_own_name")]),
    ),
    (
        18,
        "curator_id comes back under another name",
        Caught(&[(RECORDS, "bug_17_and_18_every_field_comes_back_under_its_own_name")]),
    ),
    (
        19,
        "a change is acknowledged and not made",
        Caught(&[(
            "tests/it/categories.rs",
            "what_is_put_is_what_is_read_and_what_is_looked_for",
        )]),
    ),
    (
        20,
        "a second record of an entity is 500",
        Caught(&[("tests/it/curations.rs", "two_runs_of_one_entity_are_two")]),
    ),
    (
        21,
        "a login does not outlive a restart",
        Caught(&[(
            "tests/it/login.rs",
            "bug_21_a_login_outlives_a_restart_and_goes_on_at_another_instance",
        )]),
    ),
    (
        22,
        "a login cannot begin",
        Caught(&[(
            "tests/it/login.rs",
            "bug_22_a_login_begins_with_a_redirect_to_the_provider",
        )]),
    ),
    (
        23,
        "an old record is 500",
        Caught(&[
            (RECORDS, "bug_23_what_an_older_version_kept_is_read_and_listed"),
            (
                "tests/storage/opening.rs",
                "what_migration_1_kept_is_read_by_today_s_service",
            ),
        ]),
    ),
    (
        24,
        "a long query that ends in a dot is 500",
        Caught(&[METACHARACTERS]),
    ),
    (
        25,
        "a name that is no regular expression is 500",
        Caught(&[METACHARACTERS]),
    ),
    (
        26,
        "changing a record is 500",
        Caught(&[
            (
                "tests/it/categories.rs",
                "what_is_put_is_what_is_read_and_what_is_looked_for",
            ),
            ("tests/it/curations.rs", "what_is_kept_is_deleted_once"),
        ]),
    ),
    (
        27,
        "a 500 shows what was thrown",
        Caught(&[
            (
                "tests/it/panics.rs",
                "who_is_worked_on_while_another_request_panics_is_answered",
            ),
            (
                "tests/it/telemetry/log.rs",
                "a_panic_is_found_by_the_id_of_its_answer",
            ),
        ]),
    ),
    (
        28,
        "a variable of the environment lets everybody in",
        Caught(&[
            GUARDED,
            (
                "tests/it/auth.rs",
                "bug_28_no_variable_of_the_environment_changes_who_is_let_in",
            ),
        ]),
    ),
    (
        29,
        "a login ends anywhere",
        Caught(&[(
            "tests/it/login.rs",
            "bug_29_a_login_ends_where_it_is_configured_and_nowhere_else",
        )]),
    ),
    (
        30,
        "a request that comes twice is 500",
        Caught(&[
            (
                "tests/it/idempotency.rs",
                "a_repetition_has_the_same_answer_is_marked_and_costs_nothing",
            ),
            (
                "tests/it/idempotency.rs",
                "a_twin_that_takes_too_long_is_409_with_a_time_to_come_back",
            ),
        ]),
    ),
    (
        31,
        "routes for machines are open to everybody",
        Caught(&[
            GUARDED,
            (
                "tests/it/auth.rs",
                "what_is_not_guarded_is_what_is_meant_to_be_open",
            ),
        ]),
    ),
    (
        32,
        "what is seeded is not found",
        Caught(&[(
            "tests/it/categories.rs",
            "a_fresh_database_has_those_of_the_original",
        )]),
    ),
    (
        33,
        "a page links to what is not there",
        Caught(&[(
            CONTRACT,
            "bug_33_and_35_the_page_of_documentation_names_nothing_that_is_not_there",
        )]),
    ),
    (
        34,
        "it does not listen where the platform says",
        Caught(&[
            (RUNNING, "bug_34_it_listens_on_the_port_that_the_platform_names"),
            BOOTS,
        ]),
    ),
    (
        35,
        "a page loads scripts that are not there",
        Caught(&[(
            CONTRACT,
            "bug_33_and_35_the_page_of_documentation_names_nothing_that_is_not_there",
        )]),
    ),
    (
        36,
        "a script of a page does not parse",
        Caught(&[(CONTRACT, "bug_36_the_scripts_of_the_page_of_documentation_parse")]),
    ),
    (
        37,
        "a page asks by a parameter that is refused",
        Caught(&[METACHARACTERS]),
    ),
    (
        38,
        "everybody waits while one call to the provider runs",
        Caught(&[(
            RUNNING,
            "bug_38_a_light_route_answers_while_many_wait_for_the_provider",
        )]),
    ),
    (
        39,
        "a 500 without CORS headers again",
        Caught(&[(TABLE, READABLE)]),
    ),
    (
        40,
        "a refresh token passes for an access token",
        Caught(&[
            GUARDED,
            (
                "tests/it/sessions.rs",
                "bug_40_access_and_refresh_tokens_are_never_mistaken_for_each_other",
            ),
        ]),
    ),
    (
        41,
        "an address may lead inside",
        Caught(&[
            (
                "tests/it/audio_url.rs",
                "without_a_policy_of_its_own_a_service_fetches_nothing_from_inside",
            ),
            (
                "tests/it/audio_url.rs",
                "a_name_that_leads_inside_is_not_connected_to",
            ),
            (
                "tests/it/audio_url.rs",
                "a_redirect_to_where_nothing_is_fetched_is_not_followed",
            ),
        ]),
    ),
    (
        42,
        "who may only read can write",
        Caught(&[
            (
                CONTRACT,
                "bug_42_each_operation_asks_for_its_own_scope_and_for_no_other",
            ),
            (
                "tests/it/keys.rs",
                "bug_42_a_key_may_do_no_more_than_it_was_made_for",
            ),
            (
                "tests/it/auth.rs",
                "bug_42_a_token_may_do_no_more_than_its_scopes",
            ),
        ]),
    ),
    (
        43,
        "everybody reads everything, from anywhere",
        Caught(&[
            GUARDED,
            (TABLE, READABLE),
            (
                "tests/it/curations.rs",
                "nobody_reads_or_deletes_what_is_somebody_else_s",
            ),
        ]),
    ),
    (
        44,
        "what is asked of a dependency is refused there",
        Caught(&[
            (
                "tests/it/health.rs",
                "a_failing_provider_is_health_s_and_ai_health_s_to_say_and_not_readiness_s",
            ),
            (
                "tests/provider.rs",
                "a_check_sees_what_breaks_every_call_and_not_what_breaks_paid_ones",
            ),
        ]),
    ),
    (
        45,
        "a login goes round in circles: the browser drops its cookie",
        Caught(&[(
            "tests/it/login.rs",
            "bug_45_a_person_logs_in_and_out_and_no_token_is_ever_in_an_address_or_a_cookie",
        )]),
    ),
];
