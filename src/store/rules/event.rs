//! An encounter as the rules see it.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::calendar::local;
use crate::moment::Wall;
use crate::rules::{Event, Value, age_in_years};
use crate::store::Error;

/// An encounter with its patient.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Encounter {
    pub(super) id: i64,
    pub(super) visit_no: String,
    pub(super) patient_id: i64,
    kind: Option<String>,
    department: Option<String>,
    ward: Option<String>,
    bed: Option<String>,
    doctor: Option<String>,
    admitted_at: Option<i64>,
    discharged_at: Option<i64>,
    diagnoses: Option<String>,
    disposition: Option<String>,
    payer: Option<String>,
    cost: Option<String>,
    raw: String,
    created_at: i64,
    sex: Option<String>,
    birth: Option<String>,
    age: Option<String>,
    pub(super) deceased: bool,
    pub(super) is_erased: bool,
    pub(super) is_reachable: bool,
}

/// One encounter.
pub(in crate::store) const EVENT: &str = "
select e.id, e.visit_no, e.patient_id, e.kind, e.department, e.ward, e.bed, e.doctor, e.admitted_at, e.discharged_at,
    e.diagnoses, e.disposition, e.payer, e.cost, e.raw, e.created_at, p.sex, p.birth, p.age, p.deceased,
    p.erased_at is not null as is_erased,
    exists (select 1 from number n where n.patient_id = p.id and n.state in ('ok', 'suspect')) as is_reachable
from encounter e join patient p on p.id = e.patient_id where e.id = $1";

/// Columns of lists that say where something happened.
const AREAS: [&str; 4] = ["区域", "片区", "台区", "管理处"];

pub(super) async fn find(db: &mut sqlx::SqliteConnection, encounter: i64) -> Result<Option<Encounter>, Error> {
    Ok(sqlx::query_as(EVENT).bind(encounter).fetch_optional(db).await?)
}

impl Encounter {
    /// What happened, with everything that conditions may ask for.
    pub(super) fn event(&self, zone: Tz) -> Event {
        let at = Wall::from_millis(self.discharged_at.unwrap_or(self.created_at));
        let mut attributes: BTreeMap<String, Value> = columns(&self.raw);
        let area = AREAS.iter().find_map(|column| attributes.get(*column)).cloned();
        if let Some(area) = area {
            attributes.entry("area".to_owned()).or_insert(area);
        }
        let minute = |at: i64| local(Wall::from_millis(at), zone).format("%Y-%m-%d %H:%M").to_string();
        let texts = [
            ("visit_no", Some(self.visit_no.clone())),
            ("kind", self.kind.clone()),
            ("department", self.department.clone()),
            ("ward", self.ward.clone()),
            ("bed", self.bed.clone()),
            ("doctor", self.doctor.clone()),
            ("diagnosis", self.diagnoses.clone()),
            ("disposition", self.disposition.clone()),
            ("payer", self.payer.clone()),
            ("cost", self.cost.clone()),
            ("sex", self.sex.clone()),
            ("birth", self.birth.clone()),
            ("deceased", Some(if self.deceased { "yes" } else { "no" }.to_owned())),
            ("admitted", self.admitted_at.map(minute)),
            ("discharged", self.discharged_at.map(minute)),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                attributes.insert(name.to_owned(), Value::Text(text));
            }
        }
        let age = age_in_years(self.birth.as_deref(), self.age.as_deref(), local(at, zone).date());
        if let Some(age) = age {
            attributes.insert("age".to_owned(), Value::Number(age));
        }
        if let Some((from, to)) = self.admitted_at.zip(self.discharged_at) {
            let date = |at: i64| local(Wall::from_millis(at), zone).date();
            let days = (date(to) - date(from)).num_days();
            let days = i32::try_from(days).unwrap_or_default();
            attributes.insert("stay_days".to_owned(), Value::Number(f64::from(days)));
        }
        let kind = match self.kind.as_deref() {
            Some("outpatient") => "outpatient_visit",
            Some("emergency") => "emergency_visit",
            Some(_) | None => "discharge",
        };
        Event {
            kind: kind.to_owned(),
            at,
            attributes,
        }
    }
}

/// The columns of the list's row, by their headers.
fn columns(raw: &str) -> BTreeMap<String, Value> {
    let Ok(serde_json::Value::Object(columns)) = serde_json::from_str(raw) else {
        return BTreeMap::new();
    };
    let value = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(Value::Text(text)).filter(|text| *text != Value::Text(String::new())),
        serde_json::Value::Number(number) => number.as_f64().map(Value::Number),
        serde_json::Value::Bool(is_so) => Some(Value::Text(if is_so { "yes" } else { "no" }.to_owned())),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    };
    let columns = columns.into_iter();
    columns
        .filter_map(|(name, found)| Some((name, value(found)?)))
        .collect()
}
