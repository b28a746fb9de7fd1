//! The table of metrics: name, kind, labels, what it is.

use super::{Kind, Metric};

/// Makes the table and a name for each row.
macro_rules! metrics {
    ($($name:ident $id:literal $kind:ident ($($label:ident),*) $help:literal;)*) => {
        $(
            #[doc = $help]
            pub(super) static $name: Metric = Metric {
                name: $id,
                kind: Kind::$kind,
                labels: &[$(stringify!($label)),*],
                help: $help,
            };
        )*

        /// All rows, in the order of the page.
        pub(super) static ALL: &[&Metric] = &[$(&$name),*];
    };
}

metrics! {
    BUILD "aftercall_build_info" Gauge (version) "always 1; the version of the program";
    CALLS "aftercall_calls" Gauge (stage) "calls on the line by stage: dialing, ringing, talking, ending";
    INVITES "aftercall_invites" Counter () "INVITEs with a Call-ID of their own";
    RESPONSES "aftercall_responses" Counter (status) "answers to our INVITEs by SIP status";
    ANSWERED "aftercall_calls_answered" Counter () "calls that were answered";
    ATTEMPTS "aftercall_attempts" Counter (disposition) "attempts ended, by disposition";
    CALL_BACKS "aftercall_call_backs" Counter () "calls to us";
    CALLS_TAKEN "aftercall_calls_taken" Counter () "calls to us that were answered";
    CALL_BACKS_NOT_NOTED "aftercall_call_backs_not_noted" Counter () "calls to us that came too fast to be noted";
    SIP_DROPPED "aftercall_sip_input_dropped" Counter (fault) "SIP messages that could not be used, by kind of fault";
    TRUNK_UP "aftercall_trunk_up" Gauge (trunk) "1 while calls may leave over the trunk";
    TRUNK_RESTING "aftercall_trunk_resting" Gauge (trunk) "1 while the trunk rests after congestion or faults";
    TRUNK_CALLS "aftercall_trunk_calls" Gauge (trunk) "calls on the trunk";
    TRUNK_LINES "aftercall_trunk_lines" Gauge (trunk) "calls that the trunk may have at one time";
    TRUNK_ROUND_TRIP "aftercall_trunk_round_trip_seconds" Gauge (trunk) "how long the last answer to OPTIONS took";
    CASES "aftercall_cases" Gauge (campaign, state) "cases by state: due, waiting, in_progress, closed; at most 10 s old";
    CAMPAIGN_RUNNING "aftercall_campaign_running" Gauge (campaign) "1 while the campaign is started";
    COMMITS "aftercall_store_commits" Counter () "transactions committed";
    REQUESTS "aftercall_store_requests" Counter () "requests to the database that were answered";
    REQUESTS_FAILED "aftercall_store_requests_failed" Counter () "of these, those that failed";
    KEPT "aftercall_kept_seconds" Histogram () "how long keys took until they were on the disk (`_bucket`, `_sum`, `_count`)";
    JOURNALLED "aftercall_journalled" Counter () "requests that went to the journal because the database was away";
    JOURNAL_BYTES "aftercall_journal_bytes" Gauge () "entries that stand in the journal";
    JOURNAL_SIZE "aftercall_journal_size_bytes" Gauge () "what the journal has room for";
    DATABASE_UP "aftercall_database_up" Gauge () "1 while the database takes writes within two seconds";
    DATABASE_BYTES "aftercall_database_bytes" Gauge () "size of aftercall.db";
    WAL_BYTES "aftercall_wal_bytes" Gauge () "size of aftercall.db-wal";
    DISK_FREE "aftercall_disk_free_bytes" Gauge () "what may still be written where the data folder is";
    DISK_SIZE "aftercall_disk_size_bytes" Gauge () "size of that disk";
    SAMPLES_DROPPED "aftercall_recorder_samples_dropped" Counter () "samples (8000 a second) missing in recordings because the disk was slow";
    PACKETS_UNSENT "aftercall_media_packets_unsent" Counter () "voice packets that the system did not take";
    FACTS_LOST "aftercall_media_facts_lost" Counter () "words of media workers that were lost by overload";
    LATENESS "aftercall_media_lateness_seconds" Histogram () "how late media workers woke for packets that were due; patients hear gaps beyond 0.02 (`_bucket`, `_sum`, `_count`)";
    TURN_AGE "aftercall_control_turn_age_seconds" Gauge () "how long ago the control thread last turned; 0.25 at most when all is well";
    ALARMS "aftercall_alarms" Gauge (alarm, severity) "alarms that stand; every alarm of the table has a line";
    EVENTS "aftercall_events" Counter (event, level) "events of level warn and error, by name";
    PANICS "aftercall_panics" Counter () "threads that panicked";
}
