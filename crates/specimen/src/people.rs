//! Draws people from a seed: names, numbers, addresses and validity terms as identity cards print them, none of them issued.

use jiff::ToSpan;
use jiff::civil::Date;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::looks::{Looks, Sex};

/// The day on which every drawn card is valid; cards are issued in the five years before it and end at least four years after.
pub const DRAWN_ON: Date = jiff::civil::date(2026, 11, 23);

/// A drawn person: everything that both sides of an identity card state, and what the person looks like.
///
/// All fields are public so that a test can plant what it needs; [`number_for`] makes a number that agrees with a changed birth date.
#[derive(Debug, Clone)]
pub struct Person {
    /// The seed that draws this person again.
    pub seed: u64,
    /// The name as printed, 2 to 9 characters, the middle dot `·` (U+00B7) between the parts of a long one.
    pub name: String,
    /// Whether the name holds a character that common text recognisers lack in their alphabet.
    pub has_rare_character: bool,
    /// Sex as printed.
    pub sex: Sex,
    /// Ethnicity as printed, without 族: 汉, 维吾尔.
    pub ethnicity: String,
    /// Date of birth, 1970 to 2006.
    pub birth_date: Date,
    /// The 18-character number of GB 11643 with a valid check digit; its division code is that of a whole province, which no
    /// issued number bears.
    pub number: String,
    /// The address in one piece; a card wraps it into one to three lines.
    pub address: String,
    /// The issuing authority.
    pub authority: String,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity; `None` is printed 长期.
    pub valid_until: Option<Date>,
    /// What the person looks like.
    pub looks: Looks,
}

impl Person {
    /// Draws the person of `seed`; the same seed draws the same person for ever.
    pub fn from_seed(seed: u64) -> Person {
        // The stream is kept apart from those of looks and scenes, which may be drawn from the same seed.
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x7065_6f70_6c65);
        let sex = if rng.random_bool(0.5) { Sex::Female } else { Sex::Male };
        let province = PROVINCES.choose(&mut rng).copied().unwrap_or(PROVINCES[0]);
        let ethnicity = ethnicity(&mut rng);
        let (name, has_rare_character) = name(&mut rng, sex, ethnicity);
        let birth_date = jiff::civil::date(1970, 1, 1) + rng.random_range(0..13_514i64).days();
        let serial = rng.random_range(0..500u32) * 2 + u32::from(sex == Sex::Male);
        let number = number_for(province.0, birth_date, serial);
        let place = place(&mut rng, province.1);
        let address = address(&mut rng, &place);
        let authority = place.authority;
        let valid_from = DRAWN_ON - rng.random_range(30..1_900i64).days();
        let valid_until = term_end(birth_date, valid_from);
        let age = whole_years(birth_date, DRAWN_ON);
        let looks = Looks::from_seed(seed, sex, age);
        Person {
            seed,
            name,
            has_rare_character,
            sex,
            ethnicity: ethnicity.to_owned(),
            birth_date,
            number,
            address,
            authority,
            valid_from,
            valid_until,
            looks,
        }
    }

    /// The same person with a card that ran out two months before [`DRAWN_ON`].
    pub fn expired(mut self) -> Person {
        let until = DRAWN_ON - 2.months();
        self.valid_from = until - 10.years();
        self.valid_until = Some(until);
        self
    }

    /// Age in whole years on [`DRAWN_ON`].
    pub fn age(&self) -> u8 {
        whole_years(self.birth_date, DRAWN_ON)
    }

    /// Sex as the card prints it.
    pub fn sex_printed(&self) -> &'static str {
        match self.sex {
            Sex::Female => "女",
            Sex::Male => "男",
        }
    }

    /// The validity term as the emblem side prints it: `2021.06.01-2031.06.01` or `2021.06.01-长期`.
    pub fn validity(&self) -> String {
        let dotted = |d: Date| format!("{:04}.{:02}.{:02}", d.year(), d.month(), d.day());
        match self.valid_until {
            Some(until) => format!("{}-{}", dotted(self.valid_from), dotted(until)),
            None => format!("{}-长期", dotted(self.valid_from)),
        }
    }
}

/// The number of GB 11643: six digits of division, eight of birth date, three of serial (odd for men), check digit by ISO 7064
/// MOD 11-2. `division` below one million, `serial` below one thousand.
pub fn number_for(division: u32, birth: Date, serial: u32) -> String {
    let body = format!("{division:06}{:04}{:02}{:02}{serial:03}", birth.year(), birth.month(), birth.day());
    let sum: u32 =
        body.bytes().enumerate().map(|(i, digit)| u32::from(digit - b'0') * (1 << (17 - i)) % 11).sum();
    let check = (12 - sum % 11) % 11;
    match check {
        10 => format!("{body}X"),
        digit => format!("{body}{digit}"),
    }
}

fn whole_years(from: Date, to: Date) -> u8 {
    let had_birthday = (to.month(), to.day()) >= (from.month(), from.day());
    let years = i32::from(to.year()) - i32::from(from.year()) - i32::from(!had_birthday);
    u8::try_from(years).unwrap_or(0)
}

/// Terms by age at issue, as the Law on Resident Identity Cards (2011), article 5, sets them: 10 years from 16, 20 from 26, unlimited from 46.
fn term_end(birth: Date, from: Date) -> Option<Date> {
    match whole_years(birth, from) {
        0..=25 => Some(from + 10.years()),
        26..=45 => Some(from + 20.years()),
        _ => None,
    }
}

/// Ethnicities with their weights: Han are about half of the drawn people so that the others get exercised.
const ETHNICITIES: &[(&str, u32)] = &[
    ("汉", 60),
    ("维吾尔", 6),
    ("回", 5),
    ("壮", 5),
    ("满", 5),
    ("蒙古", 4),
    ("藏", 4),
    ("苗", 4),
    ("彝", 3),
    ("土家", 3),
    ("朝鲜", 3),
    ("哈萨克", 3),
    ("侗", 2),
    ("布依", 2),
    ("瑶", 2),
    ("白", 2),
    ("哈尼", 2),
    ("黎", 1),
    ("傣", 1),
    ("畲", 1),
    ("仡佬", 1),
    ("达斡尔", 1),
    ("鄂温克", 1),
    ("塔吉克", 1),
];

fn ethnicity(rng: &mut ChaCha8Rng) -> &'static str {
    ETHNICITIES.choose_weighted(rng, |e| e.1).map_or("汉", |e| e.0)
}

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤";
const COMPOUND_SURNAMES: &[&str] =
    &["欧阳", "上官", "司马", "诸葛", "皇甫", "令狐", "慕容", "司徒", "尉迟", "东方", "夏侯", "端木"];
const GIVEN_WOMEN: &str = "芳娜敏静秀丽艳霞燕玲桂英兰洁梅琳雪慧莹倩婷颖璐妍怡雯萍红娟莉丹蓉瑶佳欣悦彤雨涵梦萱诗琪若曦思语嫣柔蕾薇晴珊菲琴瑾岚黛";
const GIVEN_MEN: &str = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林峰毅博文昊天翔志远建国家豪子轩泽恒铭晨航睿哲弘毅庆海东升德昌钧烨煜";
/// Characters of real given names that the PP-OCRv4 alphabet lacks, one of them beyond the basic plane.
const RARE: &str = "龑嬿赟曌翀骉㛃䶮𬱖旻玙偲劼颋甡燊翚雱暠姈";

const UYGHUR_WOMEN: &[&str] = &["阿依古丽", "古丽娜尔", "帕提古丽", "热依汗", "阿孜古丽", "迪丽娜尔"];
const UYGHUR_MEN: &[&str] = &["艾力", "吐尔逊", "阿不都", "买买提", "努尔江", "亚森", "库尔班"];
const UYGHUR_FATHERS: &[&str] = &["买买提", "吐尔逊", "艾合买提", "肉孜", "卡德尔", "依明", "玉素甫"];
const KAZAKH_WOMEN: &[&str] = &["阿依努尔", "古丽扎", "加娜尔", "沙吾列"];
const KAZAKH_MEN: &[&str] = &["叶尔江", "巴合提", "赛力克", "木拉提"];
const KAZAKH_FATHERS: &[&str] = &["哈力别克", "努尔兰", "吐尔汗", "别克"];
const TIBETAN_WOMEN: &[&str] = &["卓玛", "央金", "德吉", "白玛", "拉姆"];
const TIBETAN_MEN: &[&str] = &["扎西", "次仁", "多吉", "顿珠", "平措"];
const TIBETAN_SECOND: &[&str] = &["次仁", "旺堆", "卓嘎", "央宗", "桑珠", "平措", "曲珍"];
const MONGOL_WOMEN: &[&str] = &["其其格", "萨仁高娃", "乌云", "斯琴", "娜仁花"];
const MONGOL_MEN: &[&str] = &["巴特尔", "苏和", "那日苏", "朝鲁", "格日勒图"];

fn pick(rng: &mut ChaCha8Rng, list: &[&'static str]) -> &'static str {
    list.choose(rng).copied().unwrap_or_default()
}

fn pick_char(rng: &mut ChaCha8Rng, list: &str) -> char {
    let n = list.chars().count();
    list.chars().nth(rng.random_range(0..n)).unwrap_or('一')
}

/// A name that people of the ethnicity bear, and whether a rare character was put in.
fn name(rng: &mut ChaCha8Rng, sex: Sex, ethnicity: &str) -> (String, bool) {
    let woman = sex == Sex::Female;
    match ethnicity {
        "维吾尔" => {
            let given = pick(rng, if woman { UYGHUR_WOMEN } else { UYGHUR_MEN });
            return (format!("{given}·{}", pick(rng, UYGHUR_FATHERS)), false);
        }
        "哈萨克" | "塔吉克" => {
            let given = pick(rng, if woman { KAZAKH_WOMEN } else { KAZAKH_MEN });
            return (format!("{given}·{}", pick(rng, KAZAKH_FATHERS)), false);
        }
        "藏" => {
            let first = pick(rng, if woman { TIBETAN_WOMEN } else { TIBETAN_MEN });
            return (format!("{first}{}", pick(rng, TIBETAN_SECOND)), false);
        }
        "蒙古" if rng.random_bool(0.6) => {
            return (pick(rng, if woman { MONGOL_WOMEN } else { MONGOL_MEN }).to_owned(), false);
        }
        _ => {}
    }
    let mut name = if rng.random_bool(0.1) {
        pick(rng, COMPOUND_SURNAMES).to_owned()
    } else {
        pick_char(rng, SURNAMES).to_string()
    };
    let given = if woman { GIVEN_WOMEN } else { GIVEN_MEN };
    let rare = rng.random_bool(0.055);
    let two = rng.random_bool(0.75);
    if two {
        name.push(pick_char(rng, given));
    }
    name.push(pick_char(rng, if rare { RARE } else { given }));
    (name, rare)
}

/// Province-level division codes of GB/T 2260 with the province's name.
const PROVINCES: &[(u32, &str)] = &[
    (110000, "北京市"),
    (120000, "天津市"),
    (130000, "河北省"),
    (140000, "山西省"),
    (150000, "内蒙古自治区"),
    (210000, "辽宁省"),
    (220000, "吉林省"),
    (230000, "黑龙江省"),
    (310000, "上海市"),
    (320000, "江苏省"),
    (330000, "浙江省"),
    (340000, "安徽省"),
    (350000, "福建省"),
    (360000, "江西省"),
    (370000, "山东省"),
    (410000, "河南省"),
    (420000, "湖北省"),
    (430000, "湖南省"),
    (440000, "广东省"),
    (450000, "广西壮族自治区"),
    (460000, "海南省"),
    (500000, "重庆市"),
    (510000, "四川省"),
    (520000, "贵州省"),
    (530000, "云南省"),
    (540000, "西藏自治区"),
    (610000, "陕西省"),
    (620000, "甘肃省"),
    (630000, "青海省"),
    (640000, "宁夏回族自治区"),
    (650000, "新疆维吾尔自治区"),
];

struct Place {
    /// Province, city and county as an address begins.
    prefix: String,
    /// The authority that issues cards there.
    authority: String,
    rural: bool,
}

const CITIES: &[&str] = &["样本市", "青原市", "临川市", "安和市", "东岭市", "云溪市", "平江市"];
const COUNTIES: &[&str] = &["清河县", "永安县", "石泉县", "新丰县", "南屏县", "长宁县"];
const DISTRICTS: &[&str] = &["样本区", "城东区", "新城区", "江北区", "河西区", "高新区", "开发区"];
const TOWNS: &[&str] = &["柳林镇", "三河镇", "大桥镇", "白沙乡", "龙泉乡", "石门镇"];
const VILLAGES: &[&str] = &["前进村", "王家庄", "李家湾村", "新民村", "红星村", "上坪村"];
const ROADS: &[&str] =
    &["人民路", "中山北路", "解放大街", "建设路", "学府路", "和平西路", "朝阳街", "滨河大道"];
const ESTATES: &[&str] = &["阳光花园", "幸福小区", "锦绣家园", "翠竹苑", "东方新城"];

fn place(rng: &mut ChaCha8Rng, province: &str) -> Place {
    let rural = rng.random_bool(0.4);
    let municipality = province.ends_with('市');
    let county = pick(rng, if rural { COUNTIES } else { DISTRICTS });
    if municipality {
        return Place {
            prefix: format!("{province}{county}"),
            authority: format!("{province}公安局{}分局", county.trim_end_matches(['区', '县'])),
            rural,
        };
    }
    let city = pick(rng, CITIES);
    let prefix = format!("{province}{city}{county}");
    let authority = match rural {
        true => format!("{county}公安局"),
        false => format!("{city}公安局{}分局", county.trim_end_matches('区')),
    };
    Place { prefix, authority, rural }
}

/// Addresses of 8 to 33 characters: one to three lines of a card.
fn address(rng: &mut ChaCha8Rng, place: &Place) -> String {
    let mut text = if rng.random_bool(0.15) { String::new() } else { place.prefix.clone() };
    if text.is_empty() {
        text.push_str(pick(rng, if place.rural { COUNTIES } else { DISTRICTS }));
    }
    if place.rural {
        text.push_str(pick(rng, TOWNS));
        text.push_str(pick(rng, VILLAGES));
        if rng.random_bool(0.5) {
            text.push_str(&format!("{}组", rng.random_range(1..20)));
        }
        text.push_str(&format!("{}号", rng.random_range(1..200)));
    } else {
        text.push_str(pick(rng, ROADS));
        text.push_str(&format!("{}号", rng.random_range(1..999)));
        if rng.random_bool(0.6) {
            text.push_str(pick(rng, ESTATES));
            text.push_str(&format!("{}幢", rng.random_range(1..40)));
            text.push_str(&format!("{}单元", rng.random_range(1..6)));
            text.push_str(&format!("{}室", rng.random_range(101..2805)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;

    fn people() -> Vec<Person> {
        (0..600).map(Person::from_seed).collect()
    }

    #[test]
    fn one_seed_is_one_person() {
        for seed in [0, 7, u64::MAX] {
            let (a, b) = (Person::from_seed(seed), Person::from_seed(seed));
            assert_eq!((a.name, a.number, a.address, a.looks), (b.name, b.number, b.address, b.looks));
        }
    }

    #[test]
    fn the_example_of_gb_11643_has_its_check_digit() {
        assert_eq!(number_for(110_105, jiff::civil::date(1949, 12, 31), 2), "11010519491231002X");
    }

    #[test]
    fn numbers_agree_with_the_person_and_were_never_issued() {
        for person in people() {
            let number = &person.number;
            let born = person.birth_date;
            assert_eq!(&number[6..14], format!("{:04}{:02}{:02}", born.year(), born.month(), born.day()));
            let odd = number[16..17].parse::<u8>().unwrap() % 2 == 1;
            assert_eq!(odd, person.sex == Sex::Male);
            assert_eq!(&number[2..6], "0000", "no county has this code");
            assert!((1970..=2006).contains(&born.year()));
        }
    }

    #[test]
    fn names_and_ethnicities_are_varied() {
        let people = people();
        let of = |length: usize| people.iter().filter(|p| p.name.chars().count() == length).count();
        assert!(of(2) > 60 && of(3) > 200 && of(4) > 20);
        assert!(people.iter().filter(|p| p.name.contains('·')).count() > 10);
        let rare = people.iter().filter(|p| p.has_rare_character).count();
        assert!((12..48).contains(&rare), "{rare} of 600");
        assert!(people.iter().map(|p| &p.ethnicity).collect::<HashSet<_>>().len() > 12);
        assert!(
            people.iter().any(|p| p.name.chars().any(|c| u32::from(c) > 0xffff)),
            "none beyond the basic plane"
        );
    }

    #[test]
    fn cards_are_valid_on_the_day_until_they_are_made_to_expire() {
        for person in people() {
            assert!(
                person.valid_from <= DRAWN_ON && person.valid_until.is_none_or(|until| until.year() > 2029)
            );
            assert!(person.expired().valid_until.unwrap() < DRAWN_ON);
        }
    }
}
