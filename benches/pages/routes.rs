//! What every page of the console asks first, and who may.

use std::sync::Arc;

use aftercall::access::Role;
use anyhow::ensure;
use serde_json::json;

use super::browser::Browser;
use super::daemon::Daemon;
use super::known::Known;
use super::site::PASSWORD;

/// So many pages are turned before deep pages are measured.
const DEEP: usize = 40;
/// And so many are measured in turn.
const DEEP_PAGES: usize = 50;

/// One of each role, signed in.
pub(crate) struct People {
    administrator: Browser,
    supervisor: Browser,
    agent: Browser,
    pub(crate) qa: Browser,
    head: Browser,
    auditor: Browser,
}

pub(crate) async fn people(daemon: &Daemon) -> anyhow::Result<People> {
    let sign_in = |role: Role| {
        let account = role.word().replace('_', "-");
        async move { Browser::sign_in(daemon.address, &account, PASSWORD).await }
    };
    Ok(People {
        administrator: sign_in(Role::Administrator).await?,
        supervisor: sign_in(Role::Supervisor).await?,
        agent: sign_in(Role::Agent).await?,
        qa: sign_in(Role::Qa).await?,
        head: sign_in(Role::DepartmentHead).await?,
        auditor: sign_in(Role::Auditor).await?,
    })
}

/// Something that a page asks, in as many ways as there are examples.
pub(crate) struct Route {
    pub(crate) name: String,
    pub(crate) role: &'static str,
    pub(crate) browser: Browser,
    places: Vec<String>,
}

impl Route {
    /// The `n`th question.
    pub(crate) fn place(&self, n: usize) -> Option<&str> {
        let place = self.places.get(n * 67 % self.places.len().max(1));
        place.map(String::as_str)
    }
}

struct Routes(Vec<Route>);

impl Routes {
    fn add(&mut self, role: &'static str, browser: &Browser, name: &str, places: impl IntoIterator<Item = String>) {
        self.0.push(Route {
            name: name.to_owned(),
            role,
            browser: browser.clone(),
            places: places.into_iter().collect(),
        });
    }

    fn plain(&mut self, role: &'static str, browser: &Browser, places: &[&str]) {
        for place in places {
            self.add(role, browser, place, [(*place).to_owned()]);
        }
    }
}

/// All of them.
pub(crate) async fn all(known: &Arc<Known>, people: &People) -> anyhow::Result<Vec<Route>> {
    let mut all = Routes(Vec::new());
    draw(known, people).await?;
    every_page(&mut all, people);
    recordings(&mut all, known, people).await?;
    patients(&mut all, known, people);
    judging(&mut all, known, people);
    reports(&mut all, known, people);
    Ok(all.0)
}

/// A sample to be judged, unless it was drawn before: a tenth of a day's calls.
async fn draw(known: &Known, people: &People) -> anyhow::Result<()> {
    let Some((campaign, _)) = known.campaigns.first() else {
        return Ok(());
    };
    let from = &known.month.0;
    let day = from.get(..10).unwrap_or_default();
    let sample = json!({
        "campaign_id": campaign, "from_at": from, "to_at": format!("{day}T23:59:59Z"), "seed": "bench",
        "due_at": "2036-01-01T00:00:00Z",
    });
    let answer = people.supervisor.clone().post("/api/samples", &sample).await?;
    ensure!([200, 201, 409].contains(&answer.status), "no sample: {}", answer.text());
    Ok(())
}

fn every_page(all: &mut Routes, people: &People) {
    all.plain(
        "supervisor",
        &people.supervisor,
        &[
            "/api/session",
            "/api/health",
            "/api/tonight",
            "/api/campaigns",
            "/api/calls/filters",
            "/api/samples/campaigns",
            "/api/reports/campaigns",
        ],
    );
    all.plain(
        "administrator",
        &people.administrator,
        &[
            "/api/people",
            "/api/roles",
            "/api/sessions",
            "/api/integrity",
            "/api/audit",
            "/api/audit?deed=signed_in",
            "/api/audit?who=qa",
            "/api/audit?object=call:17",
            "/api/audit/chain",
            "/api/settings",
            "/api/settings/calendar",
        ],
    );
    all.plain("auditor", &people.auditor, &["/api/calls", "/api/audit"]);
}

async fn recordings(all: &mut Routes, known: &Known, people: &People) -> anyhow::Result<()> {
    let (qa, who) = (&people.qa, "qa");
    let (from, to) = (&known.month.0, &known.month.1);
    let month = format!("from={from}&to={to}");
    let departments = || known.departments.iter().map(|name| text(name));
    let doctors = || known.doctors.iter().map(|name| text(name));
    let campaigns = || known.campaigns.iter().map(|(id, _)| *id);
    all.plain(
        who,
        qa,
        &[
            "/api/calls",
            "/api/calls?rows=200",
            "/api/calls?order=lowest_score",
            "/api/calls?flag=low_score",
            "/api/calls?flag=complaint",
            "/api/calls?flag=faster_than_prompt&order=lowest_score",
            "/api/calls?review=due",
            "/api/calls?score_at_most=49",
            "/api/calls?disposition=completed",
            "/api/calls?disposition=early_hangup,break_off",
            "/api/calls?cause=refused",
            "/api/calls?length_at_least_ms=4000",
            "/api/calls?agent=1",
        ],
    );
    let of = |name: &str, places: Vec<String>| (name.to_owned(), places);
    let each = [
        of("/api/calls?from&to (a month)", vec![format!("/api/calls?{month}")]),
        of(
            "/api/calls?department",
            departments()
                .map(|name| format!("/api/calls?department={name}"))
                .collect(),
        ),
        of(
            "/api/calls?department&order=lowest_score",
            departments()
                .map(|name| format!("/api/calls?department={name}&order=lowest_score"))
                .collect(),
        ),
        of(
            "/api/calls?doctor",
            doctors().map(|name| format!("/api/calls?doctor={name}")).collect(),
        ),
        of(
            "/api/calls?doctor&from&to&score_at_most",
            doctors()
                .map(|name| format!("/api/calls?doctor={name}&{month}&score_at_most=49"))
                .collect(),
        ),
        of(
            "/api/calls?doctor&order=lowest_score",
            doctors()
                .map(|name| format!("/api/calls?doctor={name}&order=lowest_score"))
                .collect(),
        ),
        of(
            "/api/calls?campaign",
            campaigns().map(|id| format!("/api/calls?campaign={id}")).collect(),
        ),
        of(
            "/api/calls?campaign&disposition&order=lowest_score",
            campaigns()
                .map(|id| format!("/api/calls?campaign={id}&disposition=partial&order=lowest_score"))
                .collect(),
        ),
        of(
            "/api/calls?department&cause&from&to",
            departments()
                .map(|name| format!("/api/calls?department={name}&cause=refused&{month}"))
                .collect(),
        ),
        of(
            "/api/calls?text (last four digits)",
            known
                .numbers
                .iter()
                .filter_map(|digits| tail(digits))
                .map(|tail| format!("/api/calls?text={tail}"))
                .collect(),
        ),
        of(
            "/api/calls?text&which=all (a visit)",
            known
                .visits
                .iter()
                .map(|visit| format!("/api/calls?text={}&which=all", text(visit)))
                .collect(),
        ),
        of("/api/calls?cursor (page 40 on)", deep(qa, "/api/calls").await?),
        of(
            "/api/calls?order=lowest_score&cursor (page 40 on)",
            deep(qa, "/api/calls?order=lowest_score").await?,
        ),
    ];
    for (name, places) in each {
        all.add(who, qa, &name, places);
    }
    for part in [
        "",
        "/evidence",
        "/comments",
        "/listening",
        "/corrections",
        "/reviews",
        "/peaks",
    ] {
        let places = known.calls.iter().map(|call| format!("/api/calls/{call}{part}"));
        all.add(who, qa, &format!("/api/calls/{{id}}{part}"), places);
    }
    all.plain(
        "department_head",
        &people.head,
        &[
            "/api/calls",
            "/api/calls?order=lowest_score",
            "/api/calls?score_at_most=49",
            "/api/calls/filters",
        ],
    );
    Ok(())
}

fn patients(all: &mut Routes, known: &Known, people: &People) {
    let (supervisor, who) = (&people.supervisor, "supervisor");
    let search = |words: &str| format!("/api/patients?q={}", text(words));
    all.add(
        who,
        supervisor,
        "/api/patients?q (a name)",
        known.names.iter().map(|name| search(name)),
    );
    all.add(
        who,
        supervisor,
        "/api/patients?q (a surname)",
        known.surnames.iter().map(|name| search(name)),
    );
    all.add(
        who,
        supervisor,
        "/api/patients?q (patient number)",
        known.patient_nos.iter().map(|no| search(no)),
    );
    all.add(
        who,
        supervisor,
        "/api/patients?q (visit number)",
        known.visits.iter().map(|no| search(no)),
    );
    all.add(
        who,
        supervisor,
        "/api/patients?q (telephone number)",
        known.numbers.iter().map(|no| search(no)),
    );
    let tails = || known.numbers.iter().filter_map(|digits| tail(digits));
    all.add(
        who,
        supervisor,
        "/api/patients?q (last four digits)",
        tails().map(&search),
    );
    for part in ["", "/why"] {
        let places = known
            .patients
            .iter()
            .map(|patient| format!("/api/patients/{patient}{part}"));
        all.add(who, supervisor, &format!("/api/patients/{{id}}{part}"), places);
    }
    all.plain(
        who,
        supervisor,
        &[
            "/api/appointments",
            "/api/do-not-call",
            "/api/do-not-call?which=all",
            "/api/do-not-call?level=campaign",
            "/api/number-repair",
            "/api/number-repair?state=vacant",
        ],
    );
    let numbers = known
        .numbers
        .iter()
        .map(|number| format!("/api/do-not-call?number={number}"));
    all.add(who, supervisor, "/api/do-not-call?number", numbers);
    let departments = known.departments.iter().map(|name| text(name));
    let repair = departments.map(|name| format!("/api/number-repair?department={name}&state=wrong"));
    all.add(who, supervisor, "/api/number-repair?department&state", repair);
    all.add(
        "agent",
        &people.agent,
        "/api/patients?q (a name)",
        known.names.iter().map(|name| search(name)),
    );
    all.add(
        "department_head",
        &people.head,
        "/api/patients?q (a name)",
        known.names.iter().map(|name| search(name)),
    );
    all.add(
        "department_head",
        &people.head,
        "/api/patients?q (a surname)",
        known.surnames.iter().map(|name| search(name)),
    );
    all.add(
        "department_head",
        &people.head,
        "/api/patients?q (last four digits)",
        tails().map(&search),
    );
}

fn judging(all: &mut Routes, known: &Known, people: &People) {
    all.plain(
        "qa",
        &people.qa,
        &[
            "/api/reviews?queue=mine",
            "/api/reviews?queue=sample",
            "/api/reviews?queue=appeals",
            "/api/reviews?queue=signed",
            "/api/reviews/summary",
            "/api/agreement",
            "/api/reviewers",
            "/api/scorecards",
            "/api/samples",
        ],
    );
    let campaigns = known.campaigns.iter().map(|(id, _)| format!("/api/campaigns/{id}"));
    all.add("supervisor", &people.supervisor, "/api/campaigns/{id}", campaigns);
}

fn reports(all: &mut Routes, known: &Known, people: &People) {
    let (supervisor, who) = (&people.supervisor, "supervisor");
    let (from, to) = (&known.month.0, &known.month.1);
    let names = || known.campaigns.iter().map(|(_, name)| text(name));
    let month = |name: String| format!("campaign={name}&from={from}&to={to}");
    all.add(
        who,
        supervisor,
        "/api/reports (a month)",
        names().map(|name| format!("/api/reports?{}", month(name))),
    );
    all.add(
        who,
        supervisor,
        "/api/reports (from the beginning)",
        names().map(|name| format!("/api/reports?campaign={name}")),
    );
    for figure in [
        "due",
        "unsuccessful",
        "outcome:number_dead",
        "ended",
        "disposition:blocked",
        "satisfied",
        "rated",
    ] {
        let places = names().map(|name| format!("/api/reports/cases?{}&figure={figure}", month(name)));
        all.add(
            who,
            supervisor,
            &format!("/api/reports/cases?figure={figure} (a month)"),
            places,
        );
    }
    let places = names().map(|name| format!("/api/reports/cases?campaign={name}&figure=cause:refused"));
    all.add(who, supervisor, "/api/reports/cases?figure=cause:refused", places);
    let head = names().map(|name| format!("/api/reports?{}", month(name)));
    all.add("department_head", &people.head, "/api/reports (a month)", head);
    let head = names().map(|name| format!("/api/reports/cases?{}&figure=successful", month(name)));
    all.add(
        "department_head",
        &people.head,
        "/api/reports/cases?figure=successful (a month)",
        head,
    );
}

/// The pages behind the first forty.
async fn deep(browser: &Browser, list: &str) -> anyhow::Result<Vec<String>> {
    let mut browser = browser.clone();
    let mut places = Vec::new();
    let mut place = list.to_owned();
    let joined = if list.contains('?') { '&' } else { '?' };
    for page in 0..DEEP + DEEP_PAGES {
        let answer = browser.get(&place).await?;
        ensure!(answer.status == 200, "{place}: {}", answer.text());
        let Some(next) = answer.json()?["next"].as_str().map(str::to_owned) else {
            break;
        };
        place = format!("{list}{joined}cursor={next}");
        if page >= DEEP {
            places.push(place.clone());
        }
    }
    // A list that is shorter is asked for its last page.
    if places.is_empty() {
        places.push(place);
    }
    Ok(places)
}

fn tail(digits: &str) -> Option<&str> {
    digits.len().checked_sub(4).and_then(|from| digits.get(from..))
}

/// As it stands in a query.
fn text(words: &str) -> String {
    let octet = |octet: u8| match octet {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(octet).to_string(),
        octet => format!("%{octet:02X}"),
    };
    words.bytes().map(octet).collect()
}
