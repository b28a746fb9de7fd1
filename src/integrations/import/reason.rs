//! Why a row or a value was refused, and what is doubtful about one that was taken.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a row, or one number of a row, was refused. `Display` says it in English with the Chinese behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No visit number, and no inpatient number either.
    NoVisitNumber,
    /// No discharge date.
    NoDischarge,
    /// No cell for numbers holds anything.
    NoNumber,
    /// The workbook or an earlier export wrote 1.38E+10.
    DigitsLost,
    /// The source hides digits behind `*`.
    Masked,
    /// A mobile has 11 digits; this one has so many.
    MobileLength(u32),
    /// A mobile with a 0 before it.
    ZeroBeforeMobile,
    /// 110, 120 and their like.
    ShortCode,
    /// 00 instead of + before a foreign country code.
    WithoutPlus,
    /// Digits, this many, but no form of a number.
    UnknownForm(u32),
    /// Letters or signs that no number has.
    NotANumber,
    /// The word for an extension with none behind it.
    NoExtension,
    /// The digits can be read as different numbers.
    Ambiguous,
    /// Not a date.
    NotADate,
    /// A date whose year is not written first, with four digits.
    DateOrder,
    /// Later than tomorrow.
    InTheFuture,
    /// Before 1990.
    TooLongAgo,
    /// Discharged before admitted.
    BeforeAdmission,
    /// Cells beyond the header's last: a delimiter inside a value has moved the others.
    TooManyCells,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::MobileLength(digits) => {
                return write!(f, "a mobile has 11 digits, this has {digits} (手机号应为11位)");
            }
            Self::UnknownForm(digits) => {
                return write!(f, "{digits} digits that form no telephone number (号码格式不对)");
            }
            Self::NoVisitNumber => "neither visit nor inpatient number (缺就诊号或住院号)",
            Self::NoDischarge => "no discharge date (缺出院日期)",
            Self::NoNumber => "no telephone number (缺电话号码)",
            Self::DigitsLost => {
                "digits are lost in scientific notation; export the column as text (科学计数法丢失数字)"
            }
            Self::Masked => "digits are hidden by * (号码被脱敏)",
            Self::ZeroBeforeMobile => "a 0 stands before a mobile; leave it out (手机号前多0)",
            Self::ShortCode => "a short code, not a patient's number (特服短号)",
            Self::WithoutPlus => "a foreign number is written with + (国际号码请用+)",
            Self::NotANumber => "not a telephone number (不是电话号码)",
            Self::NoExtension => "an extension is announced but missing (缺分机号)",
            Self::Ambiguous => "can be read as different numbers (号码有歧义)",
            Self::NotADate => "not a date; expected 2024-01-05 (不是日期)",
            Self::DateOrder => "a date begins with its year in four digits (日期须以四位年份开头)",
            Self::InTheFuture => "later than tomorrow (日期在未来)",
            Self::TooLongAgo => "before 1990 (日期过早)",
            Self::BeforeAdmission => "discharged before admitted (出院早于入院)",
            Self::TooManyCells => {
                "more cells than the header has columns; quote cells that hold the delimiter (列数多于表头)"
            }
        };
        f.write_str(text)
    }
}

/// What is doubtful about a row or a value that was taken all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// A landline without its area code.
    NoAreaCode,
    /// 400, 95xxx and their like.
    ServiceNumber,
    /// A foreign number.
    International,
    /// A mobile range that was not given out.
    UnallocatedPrefix,
    /// 13800000000 and its like.
    Placeholder,
    /// The check digit of the identity card is wrong.
    IdCardCheck,
    /// The identity card is no identity card; it was left out.
    IdCardForm,
    /// Neither male nor female; left out.
    Sex,
    /// Not an age; left out.
    Age,
    /// Not a date of birth; left out.
    Birth,
    /// Not an admission date; left out.
    Admitted,
    /// Not an amount; left out.
    Cost,
    /// An unknown way of leaving; kept as text only.
    Departure,
    /// An unknown kind of visit; taken as inpatient.
    Kind,
    /// No name.
    NoName,
    /// Characters that could not be decoded.
    Undecodable,
    /// A quotation mark that does not close, or text behind one that does.
    StrayQuote,
    /// Fewer cells than the header has columns.
    TooFewCells,
    /// NUL bytes were left out of the file.
    NulBytes,
    /// Another sheet of the workbook looks like a list as well, and was not read.
    OtherSheet,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAreaCode => "landline without area code (缺区号)",
            Self::ServiceNumber => "a service number, hardly a patient's (服务号码)",
            Self::International => "a foreign number (国际号码)",
            Self::UnallocatedPrefix => "mobile range not given out (号段未启用)",
            Self::Placeholder => "looks made up or rounded (疑似占位号码)",
            Self::IdCardCheck => "identity card: wrong check digit (身份证校验位不对)",
            Self::IdCardForm => "not an identity card; left out (身份证格式不对)",
            Self::Sex => "sex not understood; left out (性别无法识别)",
            Self::Age => "age not understood; left out (年龄无法识别)",
            Self::Birth => "date of birth not understood; left out (出生日期无法识别)",
            Self::Admitted => "admission date not understood; left out (入院日期无法识别)",
            Self::Cost => "amount not understood; left out (金额无法识别)",
            Self::Departure => "way of leaving not understood (离院方式无法识别)",
            Self::Kind => "kind of visit not understood; taken as inpatient (就诊类型无法识别)",
            Self::NoName => "no name (缺姓名)",
            Self::Undecodable => "characters could not be decoded (有乱码)",
            Self::StrayQuote => "a quotation mark does not close (引号不配对)",
            Self::TooFewCells => "fewer cells than the header has columns (列数少于表头)",
            Self::NulBytes => "NUL bytes were left out (文件含空字节)",
            Self::OtherSheet => "another sheet with a list was not read (另有工作表未读)",
        })
    }
}
