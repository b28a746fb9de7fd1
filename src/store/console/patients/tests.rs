//! Whatever is looked for, and however it is cut into pages: everybody who may be seen comes once, the newest first.

use std::path::PathBuf;

use super::*;
use crate::store::open;

/// So many patients: one surname and seven names of it, four last digits for every eleven. Every third is of the large
/// department, some of them twice; the very first and the 80th are of the small one, and those alone.
const MANY: i64 = 130;

/// A folder of this test's own, taken away in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("aftercall-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    async fn filled(&self) -> Reader {
        let path = self.0.join("patients.db");
        std::fs::File::create_new(&path).unwrap();
        let mut db = open::connect(&path).await.unwrap();
        open::MIGRATIONS.run(&mut db).await.unwrap();
        for sql in [
            "insert into patient (id, patient_no, name, created_at, updated_at)
             with recursive n (i) as (select 1 union all select i + 1 from n where i < $1)
             select i, 'P' || i, '张' || char(0x5efa + i % 7), 0, 0 from n",
            "insert into number (patient_id, digits, rank)
             with recursive n (i) as (select 1 union all select i + 1 from n where i < $1)
             select i, '1380000' || printf('%04d', i / 11), 0 from n
             union all select i, '1390000' || printf('%04d', i / 11), 1 from n where i % 2 = 0",
            "insert into encounter (visit_no, patient_id, department, created_at, updated_at)
             with recursive n (i) as (select 1 union all select i + 1 from n where i < $1)
             select 'V' || i, i, case when i in (1, 80) then '小科' when i % 3 = 0 then '大科' end, i, i from n
             union all select 'W' || i, i, '大科', i, i from n where i % 30 = 0",
            // Found in three ways: by the name, by the patient's number, and by the number of a visit.
            "insert into patient (id, patient_no, name, created_at, updated_at) values ($1 + 1, '张', '张', 0, 0)",
            "insert into encounter (visit_no, patient_id, department, created_at, updated_at)
             values ('张', $1 + 1, '大科', 0, 0)",
        ] {
            sqlx::query(sql).bind(MANY).execute(&mut db).await.unwrap();
        }
        Reader::at(&path).await.unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Whether this patient is meant.
type Meant = Box<dyn Fn(i64) -> bool>;

fn by_name(name: &str) -> Sought {
    Sought {
        name: Some(Pii::new(name.to_owned())),
        no: Some(Pii::new(name.to_owned())),
        ..Sought::default()
    }
}

fn by_tail(tail: &str) -> Sought {
    Sought {
        tail: Some(tail.to_owned()),
        ..Sought::default()
    }
}

/// All pages behind each other, and how many they are.
async fn paged(reader: &Reader, sought: &Sought, visible: &Visible, rows: u32, looks: &Looks) -> (Vec<i64>, usize) {
    let (mut all, mut pages, mut before) = (Vec::new(), 0, i64::MAX);
    loop {
        let page = reader
            .look_for_patients(sought, visible, before, rows, *looks)
            .await
            .unwrap();
        assert!(page.rows.len() <= rows as usize, "{page:?}");
        assert!(
            page.next.is_none_or(|next| next < before),
            "a page that does not end: {page:?}"
        );
        all.extend(page.rows.iter().map(|row| row.id));
        pages += 1;
        match page.next {
            Some(next) => before = next,
            None => return (all, pages),
        }
    }
}

/// Who is to be found, the newest first.
fn expected(meant: impl Fn(i64) -> bool, seen: impl Fn(i64) -> bool) -> Vec<i64> {
    (1..=MANY + 1).rev().filter(|id| meant(*id) && seen(*id)).collect()
}

fn sees(visible: &Visible, id: i64) -> bool {
    match visible {
        Visible::All => true,
        Visible::Department(own) if own == "大科" => id == MANY + 1 || id % 3 == 0,
        Visible::Department(own) if own == "小科" => id == 1 || id == 80,
        Visible::Department(_) | Visible::Of(_) | Visible::Nothing => false,
    }
}

#[tokio::test]
async fn every_match_that_may_be_seen_comes_once_however_the_pages_are_cut() {
    let folder = Folder::new("found");
    let reader = folder.filled().await;
    let name = |id: i64| char::from_u32(0x5efa + u32::try_from(id % 7).unwrap()).unwrap();
    let third = format!("张{}", name(3));
    let wanted: [(Sought, Meant); 5] = [
        (by_name("张"), Box::new(|_| true)),
        (by_name(&third), Box::new(|id| id <= MANY && id % 7 == 3)),
        (by_name("P77"), Box::new(|id| id == 77)),
        (by_tail("0005"), Box::new(|id| id <= MANY && id / 11 == 5)),
        (by_name("李"), Box::new(|_| false)),
    ];
    let department = |name: &str| Visible::Department(name.to_owned());
    let sights = [
        Visible::All,
        department("大科"),
        department("小科"),
        department("无科"),
        Visible::Nothing,
    ];
    for (sought, meant) in &wanted {
        for visible in &sights {
            let expected = expected(meant, |id| sees(visible, id));
            for rows in [1, 7, 200] {
                // With no patience every page is what one look found; with some, pages are full.
                for (first, patience) in [(1, 0), (3, 0), (64, 0), (1, 60), (64, 60), (1_000, 60)] {
                    let looks = Looks {
                        first,
                        patience: Duration::from_secs(patience),
                    };
                    let (found, pages) = paged(&reader, sought, visible, rows, &looks).await;
                    assert_eq!(found, expected, "{visible:?} {rows} rows, {first} looked at");
                    let fewest = expected.len() / rows as usize + 1;
                    assert!(patience == 0 || pages == fewest, "{pages} pages for {}", expected.len());
                }
            }
        }
    }
    reader.close().await;
}

#[tokio::test]
async fn whoever_runs_out_of_patience_goes_on_where_it_stopped() {
    let folder = Folder::new("patience");
    let reader = folder.filled().await;
    let looks = Looks {
        first: 30,
        patience: Duration::ZERO,
    };
    let small = Visible::Department("小科".to_owned());
    let page = async |before| {
        let found = reader
            .look_for_patients(&by_name("张"), &small, before, 50, looks)
            .await
            .unwrap();
        let ids: Vec<i64> = found.rows.iter().map(|row| row.id).collect();
        (ids, found.next)
    };
    assert_eq!(page(i64::MAX).await, (vec![], Some(102)), "looked at 131 to 102");
    assert_eq!(page(102).await, (vec![80], Some(72)));
    assert_eq!(page(32).await, (vec![], Some(2)), "looked at 31 to 2");
    assert_eq!(page(2).await, (vec![1], None), "fewer than it would have looked at");
    reader.close().await;
}
