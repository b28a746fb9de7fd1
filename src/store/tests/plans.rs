//! No statement that runs for each row of a list, each call, each claim or each page reads a table from end to end.

use sqlx::{Connection, SqliteConnection};

use crate::store::{
    begin, by_hand, case_list, claim, console, conversation, dnc, evidence, figures, import, incoming, left_over, open,
    patient_state, put_through, recover, rules, tally, why,
};

/// What finds everything by keys: nothing of it is read from end to end, but lists in JSON and single rows that it is given.
const BY_KEYS: &[&str] = &[
    import::patient::PATIENT,
    import::visit::KNOWN,
    crate::store::callers::SHOWN,
    crate::store::observed::TALLY,
    crate::store::prospects::CASES,
    crate::store::prospects::TRIED,
    crate::store::prospects::LATELY,
    crate::store::prospects::LABELS,
    console::do_not_call::APPOINTMENTS,
    console::do_not_call::LOOKED,
    console::do_not_call::OF_NUMBER,
    console::imports::BEFORE,
    console::imports::KNOWN,
    console::patient::ANSWERS,
    console::patient::ATTEMPTS,
    console::patient::ENCOUNTERS,
    console::patient::HEAD,
    console::patient::NOTES,
    console::patient::NUMBERS,
    console::patients::IS_OF,
    console::patients::SHOWN,
    console::call_backs::LIST,
    console::call_backs::UNSEEN,
    console::call_backs::SOUND,
    console::call_backs::MESSAGES,
    console::repair::LOOKED,
    claim::due::ONE,
    claim::due::BY_HAND,
    by_hand::CASE,
    by_hand::CONVERSATION,
    by_hand::STRANGER,
    conversation::UNDIALED,
    conversation::UNHEARD,
    put_through::ATTEMPT,
    put_through::IS_SETTLED,
    console::desk::ANSWERS,
    console::desk::CARD,
    console::desk::GIVEN_BACK,
    console::desk::HISTORY,
    console::desk::NOTES,
    console::desk::OPEN,
    console::desk::TICKETS,
    console::desk::TODAY,
    console::desk::WANTED,
    console::tickets::PAGE,
    console::tickets::OF_ACCOUNT,
    console::tickets::OF_DEPARTMENT,
    claim::UNFINISHED,
    left_over::PHONES,
    left_over::UP,
    recover::FREE,
    recover::OPEN,
    incoming::ABOUT,
    incoming::ENGAGED,
    incoming::OPEN,
    incoming::OWNERS,
    dnc::PRESENT,
    dnc::CONCERNED,
    patient_state::WAKE,
    why::CASES,
    why::ATTEMPTS,
    why::DECISIONS,
    why::VISITS,
    why::LISTED,
    rules::BASE,
    rules::DECIDED,
    rules::DUE_DRAW,
    rules::EVENT,
    rules::OF_ENCOUNTER,
    rules::OLD,
    rules::PRESENT,
    rules::SAME_DAY,
    rules::SUPERSEDED,
    console::corrections::OF_CALL,
    console::reviews::OF_CALL,
    console::reviews::ONE,
    console::samples::POPULATION,
    evidence::ATTEMPTS,
    evidence::EARLIER,
    evidence::CASES,
    evidence::WAITING,
    evidence::DECISIONS,
    evidence::STATES,
    console::BEGUN,
    console::ROWS,
    console::calls::OF_VISIT,
    console::lines::FLAGGED,
    console::lines::LINES,
    console::lines::SCORES,
    console::timeline::ANSWERS,
    console::timeline::CALL,
    console::board::AT,
    console::board::ATTEMPTS,
    console::board::OPEN_DUE,
    console::board::ANSWERS,
    case_list::ATTEMPTS,
    case_list::CASES,
    case_list::FIRST_ANSWER,
    case_list::FIRST_ATTEMPT,
    case_list::FIRST_CASE,
    case_list::FIRST_UNCOUNTED,
    tally::QUESTIONS,
    tally::AGAIN[0],
    tally::AGAIN[1],
    tally::AGAIN[2],
    tally::FIRST[0],
    tally::FIRST[1],
    tally::FIRST[2],
    figures::CASES,
    figures::ANSWERED,
];

/// What reads these, and nothing else, from end to end: parts of the statement itself, each cut off by a limit or found by
/// keys, and so no longer than a page or a step.
const BY_PARTS: &[(&str, &[&str])] = &[
    // The one row that it is asked about.
    (begin::FOUND, &["asked"]),
    // The patients of the cases that become due, found by their index.
    (crate::store::prospects::NUMBERS, &["asked"]),
    // The entries of the patient, and of the patient's numbers.
    (console::do_not_call::OF_PATIENT, &["found"]),
    // The rows of a page, cut off along the table.
    (console::do_not_call::PAGE, &["page"]),
    // A page at most of appointments, of each priority's cases, and of both; a patient's numbers.
    (
        console::offline::DUE,
        &["appointed", "found", "level", "phone", "waiting"],
    ),
    // The priorities, which are few.
    (crate::store::campaign::RIPE, &["level"]),
    // What each arm found, and the page that was cut of it.
    (console::patients::LOOKED, &["found", "looked"]),
    // The rows of a page, cut off along their index.
    (console::repair::LIST, &["page"]),
    // A page at most of appointments, of each priority's cases, and of both.
    (claim::due::DUE, &["appointed", "found", "level", "page", "waiting"]),
    // As in a claim.
    (console::desk::UPCOMING, &["appointed", "found", "level", "waiting"]),
    // The priorities; the cases before one, counted up to a limit.
    (why::IN_FRONT, &["ahead", "level"]),
    // The flags that a call can have: a list of words.
    (console::FLAGS, &["asked"]),
    // The answers of the cases of a page.
    (case_list::ANSWERS, &["found"]),
    // The cases of a page.
    (case_list::PAGE, &["page"]),
    // The rows of tallies that a report adds up.
    (tally::ANSWERS, &["found"]),
    // The rows of tallies that a report adds up.
    (tally::ATTEMPTS, &["found"]),
    // The rows of tallies that a report adds up.
    (tally::CASES, &["found"]),
    // The table itself, no further than the limit: whether it holds that many is the question.
    (tally::IS_BEHIND, &["report_uncounted"]),
    // The attempts of the cases of a step.
    (figures::ATTEMPTS, &["kinds"]),
    // The answers of the cases of a step.
    (figures::ANSWERS, &["latest"]),
];

/// A statement of the console's lists, and the index that it has to be read along, in its order.
const ALONG: &[(&str, &str)] = &[
    (console::patients::LOOKED, "number_tail (<expr>=? AND patient_id<?)"),
    (console::patients::LOOKED, "patient_name (name>? AND name<?)"),
    (
        console::patients::LOOKED,
        "COVERING INDEX encounter_patient (patient_id=? AND department=?)",
    ),
    (
        console::patients::SHOWN,
        "COVERING INDEX encounter_patient (patient_id=?)",
    ),
    (console::call_backs::UNSEEN, "call_back_unseen (id<?)"),
    (console::tickets::PAGE, "ticket_state (state=? AND due_at>?)"),
    (
        console::tickets::OF_DEPARTMENT,
        "ticket_department (department=? AND state=? AND due_at>?)",
    ),
    (
        console::tickets::OF_ACCOUNT,
        "ticket_opener (opened_by=? AND state=? AND due_at>?)",
    ),
    (left_over::PHONES, "conversation_open (account_id>?)"),
    (left_over::UP, "attempt_open_digits (digits>?)"),
    (left_over::UP, "attempt_locked_digits (digits>?"),
    (recover::OPEN, "attempt_open_digits (digits>?)"),
    (recover::FREE, "cases_held (lease_holder>?)"),
];

/// A database as a new installation has it.
async fn new() -> SqliteConnection {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    open::MIGRATIONS.run(&mut db).await.unwrap();
    db
}

/// The steps by which a statement is answered.
async fn plan(db: &mut SqliteConnection, query: &str) -> Vec<String> {
    let explained = sqlx::AssertSqlSafe(format!("explain query plan {query}"));
    let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explained).fetch_all(db).await.unwrap();
    steps.into_iter().map(|step| step.3).collect()
}

/// What is read from end to end: not lists in JSON, which a statement is given, not rows of constants, and not the parts
/// without a name, whose own steps stand beside them.
fn scanned(plan: &[String]) -> Vec<&str> {
    let all = plan.iter().filter_map(|step| step.strip_prefix("SCAN "));
    let mut scanned: Vec<&str> = all
        .filter(|what| !what.contains("VIRTUAL TABLE") && !what.contains("CONSTANT ROW") && !what.starts_with('('))
        .collect();
    scanned.sort_unstable();
    scanned.dedup();
    scanned
}

#[tokio::test]
async fn what_is_asked_for_each_row_and_call_reads_no_table_from_end_to_end() {
    let mut db = new().await;
    let by_keys = BY_KEYS.iter().map(|query| (*query, [].as_slice()));
    for (query, parts) in by_keys.chain(BY_PARTS.iter().copied()) {
        let plan = plan(&mut db, query).await;
        assert_eq!(scanned(&plan), parts, "{query}\n{plan:#?}");
    }
    let own: i64 = sqlx::query_scalar("select count(*) from sqlite_schema where sql like 'create virtual%'")
        .fetch_one(&mut db)
        .await
        .unwrap();
    assert_eq!(own, 0, "a virtual table is a list in JSON, and no table of ours");
}

#[tokio::test]
async fn the_lists_of_the_console_and_a_start_go_by_the_indexes_that_are_there_for_them() {
    let mut db = new().await;
    for (query, index) in ALONG {
        let plan = plan(&mut db, query).await;
        assert!(
            plan.iter().any(|step| step.contains(index)),
            "{index}: {query}\n{plan:#?}"
        );
    }
    for query in [
        console::call_backs::LIST,
        console::call_backs::UNSEEN,
        console::tickets::PAGE,
        console::tickets::OF_DEPARTMENT,
        console::tickets::OF_ACCOUNT,
        case_list::CASES,
        case_list::ATTEMPTS,
    ] {
        let plan = plan(&mut db, query).await;
        let sorts = plan.iter().any(|step| step.starts_with("USE TEMP B-TREE"));
        assert!(!sorts, "a page is cut off where its index ends it: {query}\n{plan:#?}");
    }
}

#[tokio::test]
async fn a_line_of_a_case_list_is_read_when_its_kind_is_known() {
    let mut db = new().await;
    let plan = plan(&mut db, case_list::ATTEMPTS).await;
    let at = |what: &str| plan.iter().position(|step| step.starts_with(what));
    let (attempt, encounter, patient) = (at("SEARCH a "), at("SEARCH e "), at("SEARCH p "));
    assert!(
        attempt.is_some() && attempt < encounter && encounter < patient,
        "{plan:#?}"
    );
}

#[tokio::test]
async fn a_statement_keeps_its_plan_whatever_is_bound_to_it() {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    let options: Vec<String> = sqlx::query_scalar("pragma compile_options")
        .fetch_all(&mut db)
        .await
        .unwrap();
    let is_built_so = options.iter().any(|option| option == "ENABLE_QPSG");
    assert!(is_built_so, ".cargo/config.toml was not read: {options:?}");
}
