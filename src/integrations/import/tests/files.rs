//! Kinds of files: encodings, delimiters, workbooks, and everything that only looks like one.

use encoding_rs::GB18030;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook};

use super::*;

fn list() -> String {
    format!(
        "{HEADER}\r\n{SOUND}\r\n{}\r\n",
        SOUND.replace("1001", "1002").replace("张建国", "李㐂")
    )
}

fn names(reading: &Reading) -> Vec<String> {
    reading
        .rows
        .iter()
        .map(|row| row.patient.name.reveal().clone())
        .collect()
}

#[test]
fn a_list_reads_the_same_in_every_encoding() {
    let list = list();
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| list.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
    let cases: [(Vec<u8>, Encoding); 6] = [
        (list.clone().into_bytes(), Encoding::Utf8),
        ([b"\xef\xbb\xbf", list.as_bytes()].concat(), Encoding::Utf8),
        (GB18030.encode(&list).0.into_owned(), Encoding::Gb18030),
        (
            [b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(),
            Encoding::Utf16Le,
        ),
        (utf16(u16::to_le_bytes), Encoding::Utf16Le),
        (
            [b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(),
            Encoding::Utf16Be,
        ),
    ];
    for (bytes, encoding) in cases {
        let reading = read(&bytes, "list.csv", day(), Shanghai).unwrap();
        assert_eq!(
            (reading.encoding, names(&reading)),
            (Some(encoding), vec!["张建国".into(), "李㐂".into()])
        );
    }
}

#[test]
fn the_delimiter_is_found_and_a_disguised_tsv_is_read() {
    for (delimiter, format) in [
        (',', Format::Csv),
        ('\t', Format::Tsv),
        (';', Format::Csv),
        ('|', Format::Csv),
    ] {
        let text = list().replace(',', &delimiter.to_string());
        let reading = read(text.as_bytes(), "出院.xls", day(), Shanghai).unwrap();
        assert_eq!((reading.format, reading.rows.len()), (format, 2), "{delimiter:?}");
    }
}

#[test]
fn titles_empty_rows_and_repeated_headers_are_skipped_and_rows_keep_their_numbers() {
    let text =
        format!("出院患者一览表,,\n统计日期：2024-01-01,至,2024-01-10\n\n{HEADER}\n,,,\n{SOUND}\n{HEADER}\n1003,,,\n");
    let reading = read_text(&text).unwrap();
    assert_eq!((reading.header_row, reading.rows_read), (4, 2));
    assert_eq!(reading.rows[0].row, 6);
    assert_eq!(
        reading.refused.iter().map(|refusal| refusal.row).collect::<Vec<_>>(),
        [8, 8]
    );
}

#[test]
fn unknown_columns_are_listed_and_not_read() {
    let reading = read_text("住院号,医保卡号,姓名,手机,出院日期\n1,x,张三,13987654321,2024-01-05\n").unwrap();
    let unread: Vec<_> = reading.columns.iter().filter(|column| column.field.is_none()).collect();
    assert_eq!(
        unread,
        [&Column {
            letters: "B".into(),
            header: "医保卡号".into(),
            field: None
        }]
    );
}

#[test]
fn files_that_are_no_list_say_what_is_wrong() {
    let error = |bytes: &[u8]| read(bytes, "x", day(), Shanghai).unwrap_err();
    assert_eq!(error(b""), Error::Empty);
    assert_eq!(error(b" \r\n\r\n"), Error::Empty);
    assert_eq!(error(b"\xef\xbb\xbf"), Error::Empty);
    assert_eq!(error(b"<html><table><tr><td>x"), Error::Markup);
    assert_eq!(error(b"\xef\xbb\xbf  <?xml version='1.0'?><Workbook>"), Error::Markup);
    assert_eq!(error(format!("{HEADER}\n\n").as_bytes()), Error::NoRows { row: 1 });
    assert!(matches!(error(b"PK\x03\x04rubbish"), Error::Workbook(_)));
    assert!(matches!(
        error(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rubbish"),
        Error::Workbook(_)
    ));
    assert_eq!(error(&vec![b'a'; MOST_BYTES + 1]), Error::TooLarge);
    assert!(matches!(error("张三,13987654321\n".as_bytes()), Error::NoHeader { found } if found == "张三"));
    let no_phone = Error::NoColumn {
        row: 1,
        missing: "a telephone number (联系电话, 手机)",
        found: "住院号, 姓名, 出院日期".into(),
    };
    assert_eq!(error("住院号,姓名,出院日期\n1,张三,2024-01-05\n".as_bytes()), no_phone);
}

#[test]
fn a_list_of_more_than_a_million_rows_is_refused() {
    let text = format!("{HEADER}\n{}", "\n".repeat(MOST_ROWS as usize) + SOUND);
    assert_eq!(read_text(&text).unwrap_err(), Error::TooManyRows);
}

#[test]
fn a_quotation_mark_that_never_closes_costs_a_warning_not_the_file() {
    let text = format!(
        "{HEADER}\n{}\n{}",
        SOUND.replace("高血压", "\"高血压"),
        format!("{SOUND}\n").repeat(50)
    );
    let reading = read_text(&text).unwrap();
    assert_eq!(reading.rows_read, 51);
    assert_eq!((doubts(&reading), reading.refused.len()), (vec![Doubt::StrayQuote], 0));
}

#[test]
fn short_rows_nul_bytes_and_undecodable_names_are_warned_of() {
    let text = format!("{HEADER}\0\n{SOUND}\n").replace(",1,12345.6", "").into_bytes();
    let reading = read(&text, "x", day(), Shanghai).unwrap();
    assert_eq!(doubts(&reading), [Doubt::NulBytes, Doubt::TooFewCells]);

    let mut bytes = format!("{HEADER}\n").into_bytes();
    bytes.extend(SOUND.replace("张建国", "张XY国").bytes().map(|b| match b {
        b'X' => 0xe5,
        b'Y' => 0xbb,
        other => other,
    }));
    let reading = read(&bytes, "x", day(), Shanghai).unwrap();
    assert_eq!((doubts(&reading), reading.rows.len()), (vec![Doubt::Undecodable], 1));
}

/// A workbook as hospital staff make them: a title, numbers as numbers, dates as dates.
fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let cover = workbook.add_worksheet();
    cover.write(0, 0, "说明").unwrap();
    let sheet = workbook.add_worksheet().set_name("出院").unwrap();
    let style = Style::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.write(0, 0, "出院患者一览表").unwrap();
    for (column, header) in ["住院号", "姓名", "手机", "出院日期", "入院日期", "备用"]
        .into_iter()
        .enumerate()
    {
        sheet.write(2, column as u16, header).unwrap();
    }
    let discharged = ExcelDateTime::from_ymd(2024, 1, 5).unwrap().and_hms(14, 30, 0).unwrap();
    sheet.write(3, 0, 20_240_001).unwrap();
    sheet.write(3, 1, "张建国").unwrap();
    sheet.write(3, 2, 13_987_654_321.0).unwrap();
    sheet.write_with_format(3, 3, &discharged, &style).unwrap();
    sheet.write(3, 4, 45_290).unwrap();
    sheet.write(3, 9, "页边的字").unwrap();
    sheet.write(4, 0, "20240002").unwrap();
    sheet.write(4, 1, "李四").unwrap();
    sheet.write(4, 2, "1.39E+10").unwrap();
    sheet.write(4, 3, "2024年1月6日").unwrap();
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_gives_exact_digits_and_dates() {
    let reading = read(&workbook(), "出院.xlsx", day(), Shanghai).unwrap();
    assert_eq!(
        (reading.format, reading.sheet.as_deref(), reading.header_row),
        (Format::Xlsx, Some("出院"), 3)
    );
    let row = &reading.rows[0];
    assert_eq!((row.row, row.numbers[0].number.reveal()), (4, "13987654321"));
    assert_eq!(row.encounter.visit_no, "20240001/2024-01-05");
    assert_eq!(row.encounter.discharged_precision, Precision::Minute);
    assert_eq!(
        row.encounter.discharged,
        crate::moment::Wall::from_millis(1_704_436_200_000)
    );
    assert_eq!(
        row.encounter.admitted,
        Some(crate::moment::Wall::from_millis(1_703_865_600_000))
    );
    assert_eq!(refusals(&reading), [(5, "C", "1.39E+10", Reason::DigitsLost)]);
}

#[test]
fn a_lone_cell_at_the_end_of_a_sheet_is_no_burden() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in [HEADER, SOUND].into_iter().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            sheet.write(row as u32, column as u16, cell).unwrap();
        }
    }
    sheet.write(900_000, 16_000, "x").unwrap();
    let reading = read(&workbook.save_to_buffer().unwrap(), "x.xlsx", day(), Shanghai).unwrap();
    assert_eq!((reading.rows.len(), reading.rows_read), (1, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_reader_panic(rows in prop::collection::vec("[0-9年月日张,\"\t\r\n;/.+E-]{0,60}", 0..8)) {
        let _ = read_text(&format!("{HEADER}\n{}", rows.join("\n")));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, "x", day(), Shanghai);
    }

    #[test]
    fn no_damage_to_a_workbook_makes_the_reader_panic(place in 0_usize..6000, byte in any::<u8>(), end in 0_usize..6000) {
        let mut bytes = workbook();
        let length = bytes.len();
        bytes[place % length] = byte;
        let _ = read(&bytes, "x.xlsx", day(), Shanghai);
        let _ = read(&bytes[..end % length], "x.xlsx", day(), Shanghai);
    }

    #[test]
    fn every_row_is_accounted_for(rows in prop::collection::vec(("[12]{1}", "(1[3-9][0-9]{9})|x", "2024-01-0[1-9]|昨天"), 1..30)) {
        let lines: String = rows.iter().map(|(no, phone, date)| format!("{no},张三,{phone},{date}\n")).collect();
        let reading = read_text(&format!("住院号,姓名,手机,出院日期\n{lines}")).unwrap();
        let report = Report::new(&reading);
        let replaced = u32::try_from(report.replaced.len()).unwrap();
        prop_assert_eq!(report.rows_read, report.accepted + report.duplicates + replaced + report.refused_rows);
        prop_assert_eq!(report.rows_read as usize, rows.len());
    }
}
