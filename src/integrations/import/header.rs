//! The header row: which column is what, by the names that Chinese hospital systems give them.

use serde::{Deserialize, Serialize};

use super::fold::fold;
use super::sheet::{Cell, Line, column_letters};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 就诊号: one visit.
    VisitNo,
    /// 住院号: one stay, or in some hospitals one patient.
    InpatientNo,
    /// 病案号: the medical record.
    RecordNo,
    /// 患者ID: one patient.
    PatientNo,
    /// 姓名.
    Name,
    /// 性别.
    Sex,
    /// 年龄.
    Age,
    /// 出生日期.
    Birth,
    /// 身份证号.
    IdCard,
    /// 手机: the patient's own.
    Mobile,
    /// 联系电话: taken as the patient's own.
    Phone,
    /// 家庭电话.
    HomePhone,
    /// 联系人: a relative's name.
    KinName,
    /// 联系人电话.
    KinPhone,
    /// 关系: of the relative to the patient.
    Relation,
    /// 就诊类型: inpatient, outpatient, emergency.
    Kind,
    /// 科室.
    Department,
    /// 病区.
    Ward,
    /// 床号.
    Bed,
    /// 主管医生.
    Doctor,
    /// 入院日期.
    Admitted,
    /// 出院日期.
    Discharged,
    /// 就诊日期: the date of an outpatient visit; 归档时间, 完工日期, 办结时间: when a job was done.
    Visited,
    /// 入院诊断.
    AdmissionDiagnosis,
    /// 出院诊断.
    Diagnosis,
    /// 手术.
    Operation,
    /// 离院方式.
    Departure,
    /// 转归: how the illness ended.
    Result,
    /// 费用类别.
    Payer,
    /// 总费用.
    Cost,
    /// 地址.
    Address,
    /// 备注.
    Remark,
}

/// By field, its names without spaces and in small letters.
const SYNONYMS: &[(Field, &str)] = &[
    (
        Field::VisitNo,
        "就诊号 流水号 就诊流水号 住院流水号 就诊id 就诊序号 就诊编号 visitno visitnumber visitid encounterid 工单号 工单编号 业务编号 维修单号 投诉编号 orderno workorder",
    ),
    (
        Field::InpatientNo,
        "住院号 住院号码 住院编号 住院id inpatientno admissionno",
    ),
    (Field::RecordNo, "病案号 病历号 病案编号 病历编号 mrn recordno"),
    (
        Field::PatientNo,
        "患者id 病人id 患者编号 病人编号 患者号 病人号 门诊号 就诊卡号 登记号 patientid patientno 户号 客户编号 客户号 会员号 customerno",
    ),
    (
        Field::Name,
        "姓名 患者姓名 病人姓名 名字 患者 病人 客户姓名 name patientname 户名 业主姓名 车主姓名 用户姓名 customername",
    ),
    (Field::Sex, "性别 患者性别 sex gender"),
    (Field::Age, "年龄 患者年龄 入院年龄 age"),
    (
        Field::Birth,
        "出生日期 出生年月 出生年月日 生日 birth birthdate birthday dateofbirth",
    ),
    (
        Field::IdCard,
        "身份证号 身份证 身份证号码 证件号 证件号码 idcard idnumber",
    ),
    (
        Field::Mobile,
        "手机 手机号 手机号码 本人电话 本人手机 本人联系电话 患者电话 患者手机 病人电话 患者手机号 患者联系电话 移动电话 mobile cellphone",
    ),
    (
        Field::Phone,
        "联系电话 电话 电话号码 联系方式 联系号码 联系手机 phone phonenumber telephone tel 客户电话 业主电话 车主电话 用户电话",
    ),
    (
        Field::HomePhone,
        "家庭电话 住宅电话 固定电话 座机 家庭联系电话 homephone",
    ),
    (
        Field::KinName,
        "联系人 家属 联系人姓名 家属姓名 紧急联系人 监护人 kinname contactname",
    ),
    (
        Field::KinPhone,
        "联系人电话 家属电话 联系人手机 联系人手机号 联系人联系电话 联系人电话号码 家属联系电话 家属手机 紧急联系人电话 监护人电话 kinphone contactphone",
    ),
    (
        Field::Relation,
        "关系 与患者关系 与病人关系 联系人关系 家属关系 与本人关系 联系人与患者关系 relation",
    ),
    (
        Field::Kind,
        "就诊类型 患者类型 病人类型 就诊类别 患者类别 来源 visittype",
    ),
    (
        Field::Department,
        "科室 出院科室 科室名称 出院科别 科别 所在科室 就诊科室 出院科室名称 department dept",
    ),
    (Field::Ward, "病区 出院病区 病区名称 护理单元 ward"),
    (Field::Bed, "床号 床位 床位号 bed bedno"),
    (
        Field::Doctor,
        "主管医生 经治医师 主管医师 经治医生 主治医生 主治医师 管床医生 管床医师 住院医师 医生 接诊医生 doctor",
    ),
    (
        Field::Admitted,
        "入院日期 入院时间 住院日期 admitted admissiondate admitdate",
    ),
    (
        Field::Discharged,
        "出院日期 出院时间 离院日期 离院时间 discharged dischargedate dischargetime",
    ),
    (
        Field::Visited,
        "就诊日期 就诊时间 visitdate 归档时间 归档日期 完工时间 完工日期 办结时间 办结日期 closedat finishedat",
    ),
    (Field::AdmissionDiagnosis, "入院诊断 门诊诊断 入院主要诊断"),
    (
        Field::Diagnosis,
        "出院诊断 主要诊断 诊断 出院主要诊断 主要诊断名称 出院诊断名称 诊断名称 diagnosis",
    ),
    (
        Field::Operation,
        "手术 手术名称 手术及操作 主要手术 手术操作名称 operation surgery",
    ),
    (Field::Departure, "离院方式 出院方式 离院情况 dischargedisposition"),
    (Field::Result, "转归 出院情况 治疗结果 出院转归 治疗转归"),
    (
        Field::Payer,
        "费用类别 付费方式 费别 医保类型 医疗付费方式 付款方式 结算方式 payer",
    ),
    (
        Field::Cost,
        "总费用 费用 住院总费用 费用合计 总金额 住院费用 cost totalcost",
    ),
    (Field::Address, "地址 家庭住址 住址 现住址 联系地址 家庭地址 address"),
    (Field::Remark, "备注 说明 remark note notes"),
];

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The letters that Excel shows above it.
    pub letters: String,
    /// Its header as the file writes it, on one line.
    pub header: String,
    /// What it holds; `None` for a column that is not read.
    pub field: Option<Field>,
}

/// The columns that a header row names.
pub(super) fn columns(line: &Line) -> Vec<Column> {
    let column = |(index, cell): (usize, &Cell)| {
        let header = title(cell);
        Column {
            letters: column_letters(index),
            field: field(&header),
            header: header.chars().take(60).collect(),
        }
    };
    line.cells.iter().enumerate().map(column).collect()
}

/// Whether a row repeats the header.
pub(super) fn is_again(line: &Line, columns: &[Column]) -> bool {
    line.cells.len() >= columns.len()
        && columns
            .iter()
            .zip(&line.cells)
            .all(|(column, cell)| column.header == title(cell))
}

fn title(cell: &Cell) -> String {
    cell.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many different fields a row names: the measure by which a header row is told from a title.
pub(super) fn recognised(line: &Line) -> usize {
    let mut fields: Vec<Field> = columns(line).into_iter().filter_map(|column| column.field).collect();
    fields.sort_unstable();
    fields.dedup();
    fields.len()
}

/// The field of a header: its own words first, then without what stands in brackets, then without a number behind it.
fn field(header: &str) -> Option<Field> {
    let folded = without_spaces(header);
    let without_brackets = before_brackets(&folded);
    let without_number = without_brackets.trim_end_matches(|c: char| c.is_ascii_digit() || "一二三".contains(c));
    [folded.as_str(), without_brackets, without_number]
        .into_iter()
        .find_map(exactly)
}

/// A header in small letters, without spaces and what stands in brackets.
pub(super) fn folded(header: &str) -> String {
    before_brackets(&without_spaces(header)).to_owned()
}

fn without_spaces(header: &str) -> String {
    fold(header)
        .chars()
        .filter(|c| !c.is_whitespace() && !"*:_-'\"\u{fffd}".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

fn before_brackets(header: &str) -> &str {
    header.split(['(', '[', '【', '〔']).next().unwrap_or_default()
}

fn exactly(name: &str) -> Option<Field> {
    let is_named = |names: &str| names.split_whitespace().any(|known| known == name);
    SYNONYMS
        .iter()
        .find(|(_, names)| is_named(names))
        .map(|&(field, _)| field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_with_spaces_breaks_brackets_units_and_numbers() {
        let cases = [
            ("住院号", Some(Field::InpatientNo)),
            (" 姓　名 ", Some(Field::Name)),
            ("总费用（元）", Some(Field::Cost)),
            ("联系\n电话", Some(Field::Phone)),
            ("联系电话２", Some(Field::Phone)),
            ("*出院日期：", Some(Field::Discharged)),
            ("Discharge_Date", Some(Field::Discharged)),
            ("主要诊断(ICD)", Some(Field::Diagnosis)),
            ("身份证号【必填】", Some(Field::IdCard)),
            ("医生电话", None),
            ("", None),
            ("2", None),
        ];
        for (header, expected) in cases {
            assert_eq!(field(header), expected, "{header}");
        }
    }

    #[test]
    fn no_synonym_names_two_fields() {
        let mut names: Vec<&str> = SYNONYMS
            .iter()
            .flat_map(|(_, names)| names.split_whitespace())
            .collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
