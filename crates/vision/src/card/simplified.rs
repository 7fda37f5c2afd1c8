//! Which of the recogniser's characters no card prints: traditional and Japanese forms of standard characters.

use std::sync::LazyLock;

/// Characters of the PP-OCRv4 alphabet that OpenCC's `TSCharacters` maps to a simplified one, and Japanese forms beside them, in code point
/// order. 昇, 甯, 吒 and 濛 are left out: the Table of General Standard Chinese Characters (2013) has them for names.
const NOT_PRINTED: &str = "\
    両亜亞來係俬倆倉個們倫偉偽傘備傢傳傷僑價儀億優兒內兩兿凈凍凖処凱刪剎剛創劃劇劉劍劑劵勁勑動務勝勢匯區\
    協參叢員問啓啟喫喬單喰噁嚴國圍園圖團圧執報場塊塗墊壇壐壓壽夢奧奪妝婦婭媽嬰孃孫學實寧寫寬寳寵寶対將專\
    對導尷屆層峩峯島崬嵐嶺嶽帥師帯帰帶幚幹庫廚廠廣廳弍張強彈彌後復徳徹悅悵悶惡愛態慶憶應懷戀戶捲揚換損撃\
    撻據攝敟數時暢曉曬書會東條棟楊楓業極楽榮構槍様樂樓標樣樸樹橋機檔檸櫥權歐歓歡歷歸殺殻殼気氣決涇淚淨淩\
    減測湯溝溫滙滬滿漁漢潔潤澤濃濕濟濤濱瀘灡灣為烏無焼煙煥熱燁燈燒燙燜營燦燴爍爐爭爲爺爾狀獅獨獲獸獻現瑩\
    瑪環產産畫畵當痠瘋療發皺盜盤眞碩確碼磚禦禪禮種穂穩競筆節築簡籃籣籤粧粵糝紀約紅紋納純紗級紡細紹終組結\
    絡給統絲絶綁綉經綫維綱網緑緖線緣緯緹緻縣縫縮總織繡繪繹續羅義習聖聞聨聯聲職腎腦腸膚膠臘臨臺與興舊舖艦\
    艶艷莊華萊萬葉葒蓋蓮蕒薈薦薩薬藍藝藥蘆蘇蘭處號蠔衆術衛補裝裡製複褲見覌視親覺觀觸訂計訊訓記訣訪設許診\
    詢試詩話該誌誘語誠説課調請諾講謝謹證識譜護讀變豊豐貝負財貢貨販貭貴買費貼貿賀資賓賜賠賢賣質賴購贈贏趙\
    車軌軍軒軽載輕輝輪輯輸轉辦農這連進逹運過達遠適選還邏郵鄉鄭鄺醜醫醬釀針釣鈴鈺鉄鉅銀銑銘銭銷鋪鋼錄錦錯\
    錶鍊鍋鍵鎖鎢鎮鏜鏡鏢鐘鐡鐵鑒鑽長門閃開閏閑間関閣閥閩關陣陰陳陽際隨雙雜雞離難雲電靈靜韓韻響頂順頓頔頡\
    頤頭頰題顏顔類顧顯風飄飛飯飲飼飾餅養餘餠館饃饅馬馮馴駕駿騰騷驊驗體髙髪髮魚鮮鯉鯨鯽鱸鳥鳯鳳鴨鴻鴿鵬鶏\
    鶴鷄鷗鷹鷺鹽麗麥麯麵麺黃黒點齊齋龍";

/// Whether cards, which are printed in standard characters, can bear the character.
pub(super) fn is_printed(character: char) -> bool {
    static SORTED: LazyLock<Vec<char>> = LazyLock::new(|| {
        let mut sorted: Vec<char> = NOT_PRINTED.chars().collect();
        sorted.sort_unstable();
        sorted
    });
    SORTED.binary_search(&character).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_characters_are_printed_and_traditional_ones_are_not() {
        assert!("嫣昇喆堃龙东李·1X".chars().all(is_printed));
        assert!("媽龍東".chars().all(|c| !is_printed(c)));
    }
}
