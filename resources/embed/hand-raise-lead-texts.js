/** Texts of the form in three languages, and the lists of countries and regions (names of countries: the browser's). */

export const TEXTS = {
  en: {
    title: "Talk to our sales team",
    hello: (name) => `Hello ${name}. Tell us how to reach you and what you need.`,
    intro: "Tell us how to reach you and what you need.",
    first_name: "First name", last_name: "Last name", work_email: "Work e-mail", company_name: "Company",
    company_size: "Company size", phone_number: "Phone", country: "Country or region", state: "State or province",
    comment: "What can we help with?", optional: "optional", choose: "Choose one", employees: (range) => `${range} people`,
    submit: "Send request", sending: "Sending…", cancel: "Cancel", close: "Close", done: "Done", again: "Try again",
    privacy: "Your details are used to answer this request.", policy: "Privacy policy",
    needed: {
      first_name: "Enter your first name.", last_name: "Enter your last name.", work_email: "Enter your work e-mail.",
      company_name: "Enter the name of your company.", phone_number: "Enter a phone number we can call.",
      country: "Choose a country or region.", state: "Choose a state or province.", company_size: "Choose a size.",
    },
    wrong: {
      work_email: "This is not an e-mail address. It looks like name@company.com.",
      phone_number: "This phone number is too short. Include the area code.",
    },
    refused: "This was not accepted. Check it and send again.",
    thanks: "Thank you, your request is on its way",
    next: (email) => (email ? `A person from our sales team will write to ${email} or call you.` : "A person from our sales team will be in touch."),
    failed: "Your request could not be sent. What you wrote is still here.",
    unreachable: "We could not be reached. What you wrote is still here; check your connection and try again.",
    busy: "Too many requests came from here. Wait a minute and try again; what you wrote is still here.",
  },
  de: {
    title: "Mit unserem Vertrieb sprechen",
    hello: (name) => `Guten Tag, ${name}. Wie erreichen wir Sie, und was brauchen Sie?`,
    intro: "Wie erreichen wir Sie, und was brauchen Sie?",
    first_name: "Vorname", last_name: "Nachname", work_email: "Geschäftliche E-Mail", company_name: "Unternehmen",
    company_size: "Unternehmensgröße", phone_number: "Telefon", country: "Land oder Region", state: "Bundesstaat oder Provinz",
    comment: "Wobei können wir helfen?", optional: "freiwillig", choose: "Bitte wählen", employees: (range) => `${range} Personen`,
    submit: "Anfrage senden", sending: "Wird gesendet …", cancel: "Abbrechen", close: "Schließen", done: "Fertig", again: "Erneut versuchen",
    privacy: "Ihre Angaben dienen der Antwort auf diese Anfrage.", policy: "Datenschutz",
    needed: {
      first_name: "Geben Sie Ihren Vornamen ein.", last_name: "Geben Sie Ihren Nachnamen ein.",
      work_email: "Geben Sie Ihre geschäftliche E-Mail ein.", company_name: "Geben Sie den Namen Ihres Unternehmens ein.",
      phone_number: "Geben Sie eine Telefonnummer ein, unter der wir Sie erreichen.", country: "Wählen Sie ein Land oder eine Region.",
      state: "Wählen Sie einen Bundesstaat oder eine Provinz.", company_size: "Wählen Sie eine Größe.",
    },
    wrong: {
      work_email: "Das ist keine E-Mail-Adresse. Sie sieht aus wie name@firma.de.",
      phone_number: "Diese Telefonnummer ist zu kurz. Geben Sie sie mit Vorwahl ein.",
    },
    refused: "Das wurde nicht angenommen. Prüfen Sie es und senden Sie erneut.",
    thanks: "Danke, Ihre Anfrage ist unterwegs",
    next: (email) => (email ? `Jemand aus unserem Vertrieb schreibt an ${email} oder ruft Sie an.` : "Jemand aus unserem Vertrieb meldet sich bei Ihnen."),
    failed: "Ihre Anfrage konnte nicht gesendet werden. Ihr Text ist noch da.",
    unreachable: "Wir sind nicht erreichbar. Ihr Text ist noch da; prüfen Sie Ihre Verbindung und versuchen Sie es erneut.",
    busy: "Von hier kamen zu viele Anfragen. Versuchen Sie es in einer Minute erneut; Ihr Text ist noch da.",
  },
  es: {
    title: "Habla con nuestro equipo de ventas",
    hello: (name) => `Hola, ${name}. Dinos cómo contactarte y qué necesitas.`,
    intro: "Dinos cómo contactarte y qué necesitas.",
    first_name: "Nombre", last_name: "Apellidos", work_email: "Correo del trabajo", company_name: "Empresa",
    company_size: "Tamaño de la empresa", phone_number: "Teléfono", country: "País o región", state: "Estado o provincia",
    comment: "¿En qué podemos ayudarte?", optional: "opcional", choose: "Elige una opción", employees: (range) => `${range} personas`,
    submit: "Enviar solicitud", sending: "Enviando…", cancel: "Cancelar", close: "Cerrar", done: "Listo", again: "Reintentar",
    privacy: "Usamos tus datos para responder a esta solicitud.", policy: "Política de privacidad",
    needed: {
      first_name: "Escribe tu nombre.", last_name: "Escribe tus apellidos.", work_email: "Escribe tu correo del trabajo.",
      company_name: "Escribe el nombre de tu empresa.", phone_number: "Escribe un teléfono al que podamos llamar.",
      country: "Elige un país o región.", state: "Elige un estado o provincia.", company_size: "Elige un tamaño.",
    },
    wrong: {
      work_email: "Esto no es una dirección de correo. Se escribe como nombre@empresa.com.",
      phone_number: "Este teléfono es demasiado corto. Incluye el prefijo.",
    },
    refused: "No se aceptó este dato. Revísalo y envía de nuevo.",
    thanks: "Gracias, tu solicitud está en camino",
    next: (email) => (email ? `Alguien de nuestro equipo de ventas escribirá a ${email} o te llamará.` : "Alguien de nuestro equipo de ventas te contactará."),
    failed: "No se pudo enviar tu solicitud. Lo que escribiste sigue aquí.",
    unreachable: "No hay conexión con nosotros. Lo que escribiste sigue aquí; revisa tu conexión e inténtalo de nuevo.",
    busy: "Llegaron demasiadas solicitudes desde aquí. Espera un minuto; lo que escribiste sigue aquí.",
  },
};

export const COMPANY_SIZES = ["1-99", "100-499", "500-1,999", "2,000-9,999", "10,000+"];

const COUNTRIES =
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA " +
  "CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA " +
  "GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
  "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS " +
  "MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS " +
  "RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW " +
  "TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/** ISO 3166 codes with their names in *language*, in the order a reader of it looks for them. */
export function countries(language) {
  const names = new Intl.DisplayNames([language], { type: "region" });
  return COUNTRIES.split(" ").map((code) => [code, names.of(code)])
    .sort(([, one], [, other]) => one.localeCompare(other, language));
}

export const STATES = {
  US: [
    ["AL", "Alabama"], ["AK", "Alaska"], ["AZ", "Arizona"], ["AR", "Arkansas"], ["CA", "California"], ["CO", "Colorado"],
    ["CT", "Connecticut"], ["DE", "Delaware"], ["DC", "District of Columbia"], ["FL", "Florida"], ["GA", "Georgia"],
    ["HI", "Hawaii"], ["ID", "Idaho"], ["IL", "Illinois"], ["IN", "Indiana"], ["IA", "Iowa"], ["KS", "Kansas"],
    ["KY", "Kentucky"], ["LA", "Louisiana"], ["ME", "Maine"], ["MD", "Maryland"], ["MA", "Massachusetts"],
    ["MI", "Michigan"], ["MN", "Minnesota"], ["MS", "Mississippi"], ["MO", "Missouri"], ["MT", "Montana"],
    ["NE", "Nebraska"], ["NV", "Nevada"], ["NH", "New Hampshire"], ["NJ", "New Jersey"], ["NM", "New Mexico"],
    ["NY", "New York"], ["NC", "North Carolina"], ["ND", "North Dakota"], ["OH", "Ohio"], ["OK", "Oklahoma"],
    ["OR", "Oregon"], ["PA", "Pennsylvania"], ["RI", "Rhode Island"], ["SC", "South Carolina"], ["SD", "South Dakota"],
    ["TN", "Tennessee"], ["TX", "Texas"], ["UT", "Utah"], ["VT", "Vermont"], ["VA", "Virginia"], ["WA", "Washington"],
    ["WV", "West Virginia"], ["WI", "Wisconsin"], ["WY", "Wyoming"],
  ],
  CA: [
    ["AB", "Alberta"], ["BC", "British Columbia"], ["MB", "Manitoba"], ["NB", "New Brunswick"],
    ["NL", "Newfoundland and Labrador"], ["NT", "Northwest Territories"], ["NS", "Nova Scotia"], ["NU", "Nunavut"],
    ["ON", "Ontario"], ["PE", "Prince Edward Island"], ["QC", "Quebec"], ["SK", "Saskatchewan"], ["YT", "Yukon"],
  ],
};
