//! The numbers of a row, each once, in the order in which to call them, and whose they are.

use super::Reader;
use crate::integrations::import::header::Field;
use crate::integrations::import::mask::masked;
use crate::integrations::import::number::{self, Found};
use crate::integrations::import::reason::Reason;
use crate::integrations::import::record::{NumberRecord, Owner};
use crate::pii::Pii;

/// The columns that hold numbers, the patient's own mobile first.
const NUMBERS: [Field; 4] = [Field::Mobile, Field::Phone, Field::HomePhone, Field::KinPhone];
/// No patient has more.
const MOST_NUMBERS: usize = 20;
const PATIENT: &str = "本人 患者 病人 自己 患者本人 病人本人";
const KIN: &str = "儿子 女儿 儿 子 女 长子 次子 长女 次女 配偶 丈夫 妻子 爱人 老伴 老公 老婆 夫 妻 父亲 母亲 父 母 爸爸 妈妈 爸 妈 父母 子女 儿媳 女婿 孙子 孙女 \
    外孙 外孙女 哥哥 弟弟 姐姐 妹妹 兄 弟 姐 妹 哥 兄弟 姐妹 侄子 侄女 外甥 家属 亲属 亲戚 朋友 同事 邻居 监护人 护工 其他";

impl Reader<'_> {
    /// Every usable number; refusals and doubts go into the outcome. Empty: there is none, and the outcome says why.
    pub(super) fn numbers(&mut self) -> Vec<NumberRecord> {
        let mut records: Vec<NumberRecord> = Vec::new();
        let mut is_any_refused = false;
        let mut says_none = None;
        for field in NUMBERS {
            for (index, cell) in self.cells(field).collect::<Vec<_>>() {
                let text = cell.text();
                let cleaned = number::clean(&text);
                if cleaned.found.is_empty() && cleaned.refused.is_empty() {
                    says_none.get_or_insert_with(|| (index, text.trim().chars().take(10).collect()));
                }
                for (piece, reason) in cleaned.refused {
                    is_any_refused = true;
                    self.refuse(Some(index), masked(field, &piece), reason);
                }
                for found in cleaned.found {
                    if let Some(doubt) = found.doubt {
                        self.warn(Some(index), found.number.masked(), doubt);
                    }
                    let is_there = records
                        .iter()
                        .any(|r| r.number == found.number && r.extension == found.extension);
                    if !is_there && records.len() < MOST_NUMBERS {
                        let rank = u16::try_from(records.len() + 1).unwrap_or(u16::MAX);
                        records.push(self.record(field, found, rank));
                    }
                }
            }
        }
        if records.is_empty() && !is_any_refused {
            match says_none {
                Some((index, value)) => self.refuse(Some(index), value, Reason::NoNumber),
                None => self.refuse_blank(&NUMBERS, Reason::NoNumber),
            }
        }
        records
    }

    fn record(&self, field: Field, found: Found, rank: u16) -> NumberRecord {
        let owner = self.owner(field, found.note.as_deref());
        NumberRecord {
            number: found.number,
            owner,
            rank,
            extension: found.extension,
            note: found.note.map(Pii::new),
        }
    }

    /// Words beside the number say most, then the column, then 关系.
    fn owner(&self, field: Field, note: Option<&str>) -> Owner {
        let is_in =
            |list: &str, word: Option<&str>| word.is_some_and(|word| list.split_whitespace().any(|w| w == word));
        if is_in(PATIENT, note) {
            return Owner::Patient;
        }
        let relation = self.text(Field::Relation);
        let is_kin_column = field == Field::KinPhone;
        if is_in(KIN, note) {
            let name = if is_kin_column {
                self.text(Field::KinName).map(Pii::new)
            } else {
                None
            };
            return Owner::Kin {
                relation: note.map(str::to_owned),
                name,
            };
        }
        if !is_kin_column || is_in(PATIENT, relation.as_deref()) {
            return Owner::Patient;
        }
        Owner::Kin {
            relation,
            name: self.text(Field::KinName).map(Pii::new),
        }
    }
}
