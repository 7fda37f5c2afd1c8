//! Names with characters that text recognisers lack, and characters that resemble one another: what rare names are tested with.

use std::sync::OnceLock;

use image::{GrayImage, Luma, Rgba, RgbaImage};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::font::{Fonts, Setting, Weight, paint};
use crate::people::Person;

/// Characters beyond the alphabet of PP-OCRv4 that names are known for.
const OF_NAMES: &str = "\
    龑嬿赟曌翀骉㛃䶮𬱖旻玙偲劼颋甡燊翚雱暠姈昳婳珵玹珅珝琤瑀玘昉羴靐龘飝叒朤茻勍勖劢厷叡吔咹哿喦圊堉塭夤奭妘姃姞姮媖媞嫄嬅嬛\
    寯峣崟巘帟廒弢弨忞怿悫惇愔愷扆抟挹揆敉旃昃晅晊暐暕暘暾曈曛朏枟枨柃柷棂榘橦櫆欤欹汭沄沚沢沬泂泖洢洧浛涴淏淯渟渼湉湑湜湝湲\
    溁溦滪潆潏潓澔瀅炆炘炻烱焌焓焜煐煓燏爔牂狁獬玎玒玓玕玚玠玢玦玭玶玼珌珧珰珽琀琇琎琝琭琲瑂瑃瑆瑊瑑瑒瑓瑔瑝瑢瑨瑮瑱瑳瑸瑽璆\
    璘璠璥璪璬璮璱璲璹甦畯皛皞皤皥盉盷睍睎碹磻祧禔禛禤竑簃緁繇缊羑翃翙翮翯聃肜脩舢芈芏芑芣荇荛荦莛莩莶菂菉萏葎葙蓁蘅蘧虓蚺螭\
    裎裒觙詝諲谖贇贽赪趯跞跹踽躞轫辀辂迓迺逦遹郄郇郐鄘鄠釐釭钐钤铷铻锃锜镃镈镕镠镡阏霂霈霙霨韡顗顼颀颎颙飏飐飗駃驎驺骎骕骖骙\
    骢鸷鹀鹇鹍鹔黉黼鼐";
/// Of extension A and of the planes beyond the basic one, those of the Table of General Standard Chinese Characters (2013).
const OF_EXTENSIONS: &str = "\
    㑇㑊㕮㘎㙍㙘㙦㛃㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛䓨䓫䓬䗖䗛䗪䗴䜣\
    䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮\
    𣗋𣲗𣲘𣸣𤇾𤈎𤣩𤧛𤨁𤩽𤫉𥔲𥕢𥖨𥫗𥻗𦈡𦒍𦙶𦝼𦥑𦭜𦰡𧢲𧺯𧾷𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨸏𨺙𩙿𩠐𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍣𫍯𫍲𫍽\
    𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤\
    𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶\
    𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓𭕄";
/// Of GB 2312, what that alphabet lacks besides.
const OF_GB_2312: &str = "\
    毖恫刽豢耪誊檄诌卮鼗乩嘏厣叵匦赜卣刎刭刳剀剞剜蒯劂劁劐劓仉仂仫伛仳仵伥伧伲佴侉佾佻侪侔俦俅俣俜俳倮倥倨偾偬傧傺僖儆僭僬僦\
    儇佥汆籴馘冁訇凫兕脔蠃冱讦讧讵诂诎诓诔诖诜诨诮诳诹诼谂谇谝谠谫谮谲谳谵谶卺阢阽阼陔陧陬陴隈隰邙邶邾鄹酃酆劬矍凼鬯弁畚坌墼\
    圬圪圮圯坜垆坼垤垲埏垧垴埘埙埒埴埯埸埤埝堋堍埽堞堙塄堠塥墁墚墀艽芨芄芰苈苊苌芴芟芤苤茇苻茑茚茔茕苠荑荜茈茺茳茛荩荮莰莸菥\
    菝萑萆菔菸菹菰葜蒇蒈蒉葸葶蒎蓍蓐蓊蒺蓠蒹蒴蒗蓣蔌甍蓰蔹蕖蕞蕺瞢蕻薤薨薮薜薅薷蘩夼奁匏尢尥拊挢拶捃掭揶捱掎捭捩掮掼揲揠揿揄\
    揞揎掾摅搋搛搠搌搦搡撄摭撖摺撙撺擐擗擤攉攮呒呔呖吣呶咝哐哂咴呲哕哙哜哏哳唣唪啭啁唿啐唼啷喈喁喟喑喾嗫嗄嗥嗌嗍嗵辔嘁嗾嘭噘\
    噍噙噔嚆噫嚅嚯囵囫圄圉帙帔帱帻幞屺岍岈岜岵岬岣崦崞崾嵛嵝嵫嵴嶝豳嶷徂徭徼犰犴狃狎狨狯狲狴狷猁狳猃狺狻猓猡猊猞猢猹猸猱獍獯\
    獾飧饧饩饫馇馐馑馓馔庀庑庋庳廑廛廨廪忉怃忮怄忤忾忪忭忸怙怵怛怍怩怫怊悭悝悃悒悛惝愠愦愀愎慊憷懔忝隳闩闶闼阃阋阌阍阒戕汔汜\
    沆沩泐沲洹洌洇洎洫洚浯浞淠渖渫湎溲湔溘滠漭溽溻溷滗漤滹漶澉澌潲迕迨逋逖逡逶遄遑遘遽彖彘屙孱屣屦羼弪艴鬻妁妣媪嫫媸嫠嫱嫘嫜\
    嬖嬲孀尜孥驵骀骈骒骘骟骣纡纥纩缋缌缏缑缒缗缛缟缡缣缧缯缱缲缳缵韪杌杓枥杪枘枧杼柰栊栌柙枵柝柢柁柽栲栳桄桤梃栝桕桊桴桫楮棼\
    椟椠棹楱楫榀榇槔榱槁槊槠榍樯槭樗樘橥檠橐橛檎檑殂殄殓殍殛殪轳轵轸轷轹轺轾辁辇辎辏辚戗戡戥戤甏甑甓攴旰曷晡暌暝曩贳贶赀赆赇\
    赍赕赙觋觌觏牮牝牾牿犄犋犏犒挈搿毪毳毵毹氅氇氆氍敫牖刖朊肫肭肷胨胩胂胙胝脎胲胼脶脞脬腙腚腠腽腧媵膂膑膣膪臌臁欷歃飑彀觳齑\
    旆旄旒烀炷炱焐煳煺燠燔燹爝戽扃祆祓禊禚禳怼恝恚恧愆愍慝憝懑戆泶砉砗砘砑斫砹砟砩硎硭硗硐硇硌碛碜碡碥磔磙磉磲礅礓礤礞黻眄眍\
    眇眚眢眵睃睚睥瞍瞀瞵瞽畀畎畋畛罟詈罨罴罾盍蠲钆钋钌钍钔钫钪钭钲钶钷钸钹铗铙铘铥铩铫铯铳铴铹铼铽锇锊锍锎锒锓锖锞锪锫锩锬锱\
    锸锼锾锿镄镅镆镎镏镘镙镞镟镢镤镥镨镩镪镫镬镲矧矬秫稆稃稂穑瓞鸩鸫鸲鸱鸶鸸鸹鸺鹁鹆鹈鹋鹎鹕鹚鹛鹣鹨鹩鹪鹬鹱疔疠疬疴痄疰痃痖\
    痍痦瘃瘐瘅瘌瘗瘥瘕瘛瘼癀瘭瘰瘵癃瘳癍癯竦窀窆窬窭窳衽袢袷袼裉裢裣裥裼裾裰褡褙褛褊褴褫襦襻疋耔耖耠耢耥耩耨耋聍聒聩聱顸颃颏\
    颟颥虮虿虺虼蚍蚋蛄蚵蚰蛉蛩蛱蛞蛘蛑蛸蜉蜣蜞蜮蜾蜩蜢蝻蝰蝮螋蝓蝣蝼蝤蝥螓螅螗螫蟥螬螵蟓螽蟊蟛蟪蟮蠊蠛蠼缶罅舐笄笊筇笸笪笮笱\
    笥笤笳笾笞筘筚筅筌筮筻筢筲箦箧箝箨箅箪箜箢篌篚篥篾篼簏簖簟簦籀舁舂舄臬衄舡舣舭舯舨舻舳舴舾艉艋艏艚艟艨襞羝粝粜粞糇糌糈糨\
    翕絷綮麴趄趔趑趱赧酎酏酤酢酩酽酾酲酴酹醅醑醢醣醭醮醯醵鹾跫踅蹩趿趼趺跗跏跬跸跣跽踔踟踬踣踯蹀蹁蹰蹯躅躔躐躜貘觖觚觜觥觫觯\
    謦雩霪龀龃龅龆龇龉黾鼋鼍雠銎鋈錾鍪鏊鐾鲋鲎鲐鲒鲔鲕鲚鲞鲠鲡鲣鲥鲦鲧鲭鲰鲴鲺鲻鲼鳆鳇鳊鳋鳏鳓鳔鳘鳢靼鞒鞔鞯鞫鞲鞴骱鹘髀髑魃\
    魈魍魑餍饔髡髫髭髹鬈鬏縻麇麈黢黩黧黥黪鼢鼯鼹鼷齄";

/// Pairs that are easily taken for one another, the rare one first.
const ALIKE: &[(char, char)] = &[
    ('赟', '赞'),
    ('嬿', '燕'),
    ('龑', '龚'),
    ('㛃', '洁'),
    ('旻', '昊'),
    ('玙', '玛'),
    ('偲', '腮'),
    ('劼', '劫'),
    ('颋', '项'),
    ('燊', '桑'),
    ('翚', '翠'),
    ('雱', '霶'),
    ('暠', '嵩'),
    ('姈', '玲'),
    ('翀', '翔'),
    ('昳', '映'),
    ('婳', '画'),
    ('珵', '理'),
    ('珝', '翊'),
    ('珅', '坤'),
    ('琤', '净'),
    ('瑀', '禹'),
    ('玘', '记'),
    ('昉', '防'),
    ('羴', '群'),
    ('勍', '京'),
    ('勖', '助'),
];

/// A person whose name has characters beyond the alphabet of common recognisers.
#[derive(Debug, Clone)]
pub struct RareName {
    /// The person, whose name it is.
    pub person: Person,
    /// Places of the rare characters in the name, counted from 0.
    pub rare: Vec<usize>,
}

impl RareName {
    /// Draws the person of `seed` with a name of a surname and one or two further characters, one of them (in one name of five two)
    /// beyond the alphabet; the same seed draws the same name for ever.
    pub fn from_seed(seed: u64) -> RareName {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x7261_7265);
        let person = (0..).map(|step| Person::from_seed(seed.wrapping_add(step * 1_000_003))).find(|p| {
            p.ethnicity == "汉" && !p.has_rare_character && (2..=3).contains(&p.name.chars().count())
        });
        let person = person.unwrap_or_else(|| Person::from_seed(seed));
        let mut characters: Vec<char> = person.name.chars().collect();
        let two = characters.len() == 3 && rng.random_bool(0.25);
        let rare: Vec<usize> = if two { vec![1, 2] } else { vec![rng.random_range(1..characters.len())] };
        for place in &rare {
            // Half of them are known from names, the others may be any.
            let list = [OF_NAMES, OF_NAMES, OF_EXTENSIONS, OF_GB_2312][rng.random_range(0..4)];
            let of: Vec<char> = list.chars().collect();
            characters[*place] = of.choose(&mut rng).copied().unwrap_or('龑');
        }
        RareName {
            person: Person { name: characters.into_iter().collect(), has_rare_character: true, ..person },
            rare,
        }
    }

    /// The name with one rare character replaced by one that resembles it; `pick` chooses among the likest.
    pub fn misspelt(&self, fonts: &Fonts, pick: usize) -> String {
        let place = self.rare[pick % self.rare.len()];
        let mut characters: Vec<char> = self.person.name.chars().collect();
        let similar = similar(fonts, characters[place]);
        characters[place] = similar[pick % similar.len()];
        characters.into_iter().collect()
    }
}

/// The three characters whose glyphs are most like the given one's, likest first, among the rare ones here and the characters of
/// GB 2312; a pair of [`ALIKE`] comes ahead of them.
pub fn similar(fonts: &Fonts, character: char) -> Vec<char> {
    static THUMBNAILS: OnceLock<Vec<(char, Thumbnail)>> = OnceLock::new();
    let all = THUMBNAILS.get_or_init(|| {
        let mut all: Vec<char> =
            [OF_NAMES, OF_EXTENSIONS, OF_GB_2312].concat().chars().chain(gb_2312()).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().filter(|c| fonts.has(*c)).map(|c| (c, thumbnail(fonts, c))).collect()
    });
    let own = thumbnail(fonts, character);
    let mut found: Vec<(f32, char)> = all
        .iter()
        .filter(|(other, _)| *other != character)
        .map(|(other, thumbnail)| (own.iter().zip(thumbnail).map(|(a, b)| a * b).sum(), *other))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let known = ALIKE.iter().find(|(rare, _)| *rare == character).map(|(_, common)| *common);
    let likest = found.into_iter().map(|(_, other)| other).filter(|other| known != Some(*other));
    known.into_iter().chain(likest).take(3).collect()
}

/// The 6,763 characters of GB 2312.
fn gb_2312() -> impl Iterator<Item = char> {
    (0xb0..=0xf7u8).flat_map(|row| (0xa1..=0xfeu8).map(move |cell| [row, cell])).filter_map(|code| {
        let decoded = encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(&code)?;
        decoded.chars().next().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
    })
}

/// A small picture of a glyph, its mean taken off, of length 1 as a vector: the sum of products of two is their correlation.
type Thumbnail = Vec<f32>;

fn thumbnail(fonts: &Fonts, character: char) -> Thumbnail {
    const EM: f32 = 24.0;
    let mut picture = RgbaImage::from_pixel(28, 28, Rgba([255; 4]));
    let setting = Setting { em: EM, tracking: 0.0, weight: Weight::Regular, colour: [0; 3], opacity: 1.0 };
    paint(&mut picture, fonts, &character.to_string(), &setting, 2.0, 2.0);
    let grey = GrayImage::from_fn(28, 28, |x, y| Luma([picture.get_pixel(x, y)[0]]));
    let values: Vec<f32> = image::imageops::blur(&grey, 1.2).iter().map(|v| f32::from(*v)).collect();
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    let length = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>().sqrt().max(1e-6);
    values.into_iter().map(|v| (v - mean) / length).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_seed_is_one_name_with_rare_characters_where_it_says() {
        for seed in 0..60 {
            let (a, b) = (RareName::from_seed(seed), RareName::from_seed(seed));
            assert_eq!((&a.person.name, &a.rare), (&b.person.name, &b.rare));
            let name: Vec<char> = a.person.name.chars().collect();
            let listed = [OF_NAMES, OF_EXTENSIONS, OF_GB_2312].concat();
            for (place, character) in name.iter().enumerate() {
                assert_eq!(a.rare.contains(&place), listed.contains(*character), "{}", a.person.name);
            }
        }
    }

    #[test]
    fn what_resembles_a_character_shares_most_of_its_strokes() {
        let fonts = Fonts::open().unwrap();
        assert_eq!(similar(&fonts, '赟')[0], '赞');
        // Where the bird stands on the right, it does in some of the likest.
        assert!(similar(&fonts, '鹡').iter().any(|c| ('鸟'..='鹴').contains(c)));
        let name = RareName::from_seed(3);
        for pick in 0..6 {
            let other = name.misspelt(&fonts, pick);
            let differing = other.chars().zip(name.person.name.chars()).filter(|(a, b)| a != b).count();
            assert_eq!((differing, other.chars().count()), (1, name.person.name.chars().count()));
        }
    }
}
