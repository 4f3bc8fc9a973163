"""Names from which the people of the sample are composed. Nobody here exists; addresses are at example domains.

One entry a language: given names, family names, countries, and whether the family name stands first. A name in
another script is written ``latin=native``: the Latin half makes the e-mail address.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """What people of one language are called."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    countries: tuple[str, ...]
    family_first: bool = False


def _names(given: str, family: str, countries: str, *, family_first: bool = False) -> Names:
    return Names(tuple(given.split()), tuple(family.split()), tuple(countries.split()), family_first)


NAMES = {
    "de": _names(
        "Annika Jonas Mareike Till Frieda Lennart Svenja Korbinian Ulrike Jörg Käthe Matthias",
        "Aalburg Brückner Dornfeld Eichholz Färber Grünwald Hollerbach Kesselring Lindqvist Möhring"
        " Rübsam Weißhaupt",
        "DE AT CH",
    ),
    "fr": _names(
        "Chloé Bastien Maëlle Étienne Solène Hugo Océane Théo Camille Raphaël Inès Loïc",
        "Aubrac Bellerive Cassoulin Delaroque Fontenoy Grandpré L'Hermitte Montfavet Pruvost Quessy"
        " Rochebrune Vaucelle",
        "FR BE CH CA",
    ),
    "es": _names(
        "Lucía Tomás Ximena Iñaki Paloma Rubén Noelia Joaquín Marisol Andrés Itziar Saúl",
        "Albarrán Bustillo Cañizares Echeverry Fuensalida Ibargoyen Lizarra Montenegro Olavarría"
        " Peñalba Quiroga Zabaleta",
        "ES MX AR CO",
    ),
    "it": _names(
        "Giada Lorenzo Ottavia Nicolò Beatrice Duccio Elisa Tancredi Margherita Ettore Viola Niccolò",
        "Ardenghi Bellacorte Castelvero D'Ambra Frassinetti Lanzafiume Morandelli Pietralba"
        " Rovigatti Serralunga",
        "IT CH",
    ),
    "pt": _names(
        "Inês Thiago Beatriz João Luana Caetano Mariana Gonçalo Ísis Rafael Conceição Vitor",
        "Alvarenga Brandão Carvalhosa Figueirinha Magalhães Nóbrega Pinhal Quintela Sertório Vilarinho",
        "BR PT",
    ),
    "nl": _names(
        "Femke Joost Lieke Sander Anouk Wouter Marijn Tjeerd Sanne Bram",
        "Achterberg Buitenhuis Dijkgraaf Groeneveld IJsselstein Kerkhoven Oosterwijk Roozendaal Verschuur",
        "NL BE",
    ),
    "pl": _names(
        "Agnieszka Bartosz Zofia Michał Kinga Paweł Małgorzata Łukasz Wanda Stanisław",
        "Borowik Czajkowska Drążek Gąsior Jaworek Krzemień Łoziński Piórko Śliwiak Żurawska",
        "PL",
    ),
    "sv": _names(
        "Åsa Henrik Linnéa Björn Saga Øyvind Ingrid Søren Freja Mikkel",
        "Ahlbäck Bergendahl Dalhøj Ekström Fjeldstad Grønlund Hedmark Lövgren Nørgård Sjöholm",
        "SE NO DK",
    ),
    "fi": _names(
        "Aino Eetu Helmi Juhani Kerttu Onni Päivi Väinö",
        "Harjula Järvelä Kivimäki Lehtovaara Niittykoski Salmela Vuorenpää Ylönen",
        "FI EE",
    ),
    "cs": _names(
        "Eliška Vojtěch Tereza Řehoř Zuzana Matěj Ľubica Ondřej Žofie Štěpán",
        "Bělohrad Černovic Dvořáček Hájková Jeřábek Křižan Novotěch Růžek Šťastná Vlček",
        "CZ SK",
    ),
    "hu": _names(
        "Boglárka Gergő Kinga Zsombor Réka Máté Ilona Örs Csilla Bálint",
        "Ágoston Bodnárfi Csörgő Erdélyszegi Füzesi Göncöl Hajdúvári Kőszegi Szűcsfalvi Vörösváry",
        "HU",
        family_first=True,
    ),
    "tr": _names(
        "Elif Çağlar Zeynep İlker Ayşegül Oğuz Şebnem Barış Nilüfer Gökhan",
        "Akçakoca Bozdağlı Çamlıbel Demirsoylu Gümüşhan Işıklar Karaçay Özgürel Şahinbaş Yıldırgan",
        "TR",
    ),
    "ru": _names(
        "Vera=Вера Timofey=Тимофей Zlata=Злата Gleb=Глеб Milana=Милана Arseny=Арсений Yulia=Юлия Fyodor=Фёдор",
        "Beryozkin=Берёзкин Vetrov=Ветров Zimin=Зимин Kalinov=Калинов Lugovoy=Луговой Ozerov=Озеров"
        " Rodnikov=Родников",
        "KZ GE EE",
    ),
    "uk": _names(
        "Oksana=Оксана Bohdan=Богдан Yaryna=Ярина Taras=Тарас Zoriana=Зоряна Ostap=Остап"
        " Kateryna=Катерина Yurko=Юрко",
        "Dibrova=Діброва Kalynenko=Калиненко Lisovyi=Лісовий Osadchuk=Осадчук Stepovyi=Степовий"
        " Yavorivska=Яворівська",
        "UA PL",
    ),
    "el": _names(
        "Danai=Δανάη Iasonas=Ιάσονας Kalliopi=Καλλιόπη Orestis=Ορέστης Myrto=Μυρτώ Fivos=Φοίβος",
        "Alexandrou=Αλεξάνδρου Kalamatis=Καλαμάτης Limnios=Λήμνιος Petrinos=Πέτρινος Thalassinou=Θαλασσινού",
        "GR CY",
    ),
    "ja": _names(
        "Aiko=愛子 Haruto=陽翔 Misaki=美咲 Ren=蓮 Sakura=さくら Yamato=大和 Hina=陽菜 Sota=颯太 Kaede=楓 Riku=陸",
        "Asagiri=朝霧 Fujisawa=藤沢 Hoshikawa=星川 Kitazawa=北沢 Minamino=南野 Shirakawa=白川"
        " Tsukishima=月島 Yukimura=雪村",
        "JP",
        family_first=True,
    ),
    "zh": _names(
        "Wei=薇 Haoran=浩然 Meilin=美琳 Zixuan=子轩 Yutong=雨桐 Jianyu=建宇 Ruoxi=若曦"
        " Zhiming=志明 Xinyi=欣怡 Bowen=博文",
        "Baili=百里 Duanmu=端木 Gongsun=公孙 Huangfu=皇甫 Murong=慕容 Nangong=南宫 Ouyang=欧阳"
        " Shangguan=上官 Zhuge=诸葛",
        "CN TW SG",
        family_first=True,
    ),
    "ko": _names(
        "Seoyeon=서연 Minjun=민준 Haeun=하은 Dohyun=도현 Jiwoo=지우 Eunchae=은채 Taeyang=태양 Soyul=소율",
        "Namgung=남궁 Seomun=서문 Hwangbo=황보 Dokgo=독고 Sagong=사공 Jegal=제갈",
        "KR",
        family_first=True,
    ),
    "ar": _names(
        "Layla=ليلى Omar=عمر Noor=نور Tariq=طارق Salma=سلمى Ziad=زياد Huda=هدى Faris=فارس",
        "Alandalusi=الأندلسي Alnahri=النهري Bustani=البستاني Haddadin=حدادين Qamari=القمري"
        " Sahrawi=الصحراوي Yasmini=الياسميني",
        "AE EG JO MA",
    ),
    "he": _names(
        "Noa=נועה Itai=איתי Tamar=תמר Yonatan=יונתן Shira=שירה Amit=עמית",
        "Barkai=ברקאי Dekel=דקל Galili=גלילי Harari=הררי Nahali=נחלי Tzurim=צורים",
        "IL",
    ),
    "hi": _names(
        "Aarav=आरव Diya=दिया Ishaan=ईशान Kavya=काव्या Rohan=रोहन Ananya=अनन्या",
        "Chandravanshi=चंद्रवंशी Devgarh=देवगढ़ Nadkarni=नाडकर्णी Parvatiya=पर्वतीय Suryavanshi=सूर्यवंशी",
        "IN",
    ),
    "vi": _names(
        "Ánh Bảo Diệu Hương Khải Linh Ngân Quỳnh Thịnh Vỹ",
        "Âu Đặng-Lê Khuất Mạc Ninh Phùng Tôn-Thất Vương",
        "VN",
        family_first=True,
    ),
    "en": _names(
        "Ada Bronwyn Callum Delphine Desmond Ezra Imogen Jasper Keisha Marlow Niamh Otis Priya Rowan Siobhan"
        " Tobias Uma Wren",
        "Ashdown Brackenridge Coldwater Dunmore Everley Fairweather Greystone Hartwell Inglenook Kingsmere Larkspur"
        " Merriweather Northcott Oakenfold Penhallow Quarrington Ravenscroft Silverbeck Thistlewood Underhill",
        "US GB IE AU CA NZ ZA",
    ),
}

LIKE = {
    "ca": "es",
    "gl": "es",
    "eu": "es",
    "be": "ru",
    "bg": "ru",
    "sr": "uk",
    "kk": "tr",
    "no": "sv",
    "da": "sv",
    "nn": "sv",
    "et": "fi",
    "sk": "cs",
    "sl": "cs",
    "hr": "cs",
    "sh": "cs",
    "fa": "ar",
    "hy": "el",
    "ro": "it",
    "la": "it",
    "id": "en",
    "ms": "en",
    "simple": "en",
    "eo": "en",
    "lt": "pl",
}  # fmt: skip  languages that borrow another's names

TITLES = (
    "Head of Operations", "Data Analyst", "Engineering Manager", "Product Manager", "Support Lead", "CTO",
    "Revenue Operations", "Software Engineer", "Project Coordinator", "IT Administrator", "Finance Manager",
    "Customer Success Manager", "Platform Engineer", "Marketing Operations", "Office Manager", "Consultant",
)  # fmt: skip

PLACES = (
    "Alder", "Anchor", "Birch", "Cobalt", "Cinder", "Delta", "Ember", "Fathom", "Garnet", "Harbour", "Indigo",
    "Juniper", "Kestrel", "Lumen", "Meridian", "Nimbus", "Opal", "Pampa", "Quay", "Ridge", "Saffron", "Tundra", "Umber",
    "Vesper", "Willow", "Yonder", "Zephyr", "Åre", "Brno", "Fjord", "Kumo", "Qanat", "São Tomé", "Tërra", "Örn",
    "Chroma",
)  # fmt: skip
TRADES = (
    "Works",
    "Labs",
    "Ledger",
    "Freight",
    "Health",
    "Studio",
    "Energy",
    "Analytics",
    "GmbH",
    "Robotics",
    "Foods",
)

COMMENTS = (
    "We need single sign-on for 40 people before January. What does that plan cost?",
    "Wir möchten auf den Jahresvertrag wechseln. Können Sie uns ein Angebot für 25 Plätze schicken?",
    "年間プランの見積もりをお願いします。来月から30名で使う予定です。",
    "Nous aimerions une démonstration pour l'équipe sécurité la semaine prochaine.",
    "هل يمكننا الحصول على فاتورة سنوية بدلاً من الدفع الشهري؟",
    "Could somebody walk us through audit logs and data residency?",
    "Нужен договор с отсрочкой платежа. С кем можно поговорить?",
    "¿Hay descuento para organizaciones sin ánimo de lucro? Somos 60 personas.",
    "저희 팀 전체가 쓰려면 어떤 요금제가 맞을까요?",
    "We hit the import limit twice this week & would like to know what \"unlimited\" means.",
    "请问可以签年度合同吗？我们大约需要五十个席位。",
    "Chcielibyśmy porozmawiać o integracji z naszym systemem fakturowania.",
)  # fmt: skip
