CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE action (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	lead_id BIGINT, 
	undone_at BIGINT, 
	undoes BIGINT, bulk BIGINT, 
	CONSTRAINT pk_action PRIMARY KEY (id)
);
CREATE TABLE batch (
	id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	file VARCHAR, 
	at BIGINT NOT NULL, 
	rows BIGINT NOT NULL, 
	created BIGINT NOT NULL, 
	updated BIGINT NOT NULL, 
	duplicates BIGINT NOT NULL, 
	rejected BIGINT NOT NULL, 
	set_aside BIGINT NOT NULL, 
	rejects_file VARCHAR, 
	finished BOOLEAN NOT NULL, 
	undone_at BIGINT, 
	CONSTRAINT pk_batch PRIMARY KEY (id)
);
CREATE TABLE change (
	id INTEGER NOT NULL, 
	topics VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	CONSTRAINT pk_change PRIMARY KEY (id)
);
CREATE TABLE company (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR NOT NULL, 
	domain VARCHAR, 
	"plan" VARCHAR, 
	created_at BIGINT NOT NULL, 
	batch_id BIGINT, 
	sample BOOLEAN NOT NULL
);
CREATE TABLE connection (
	id INTEGER NOT NULL, 
	system VARCHAR NOT NULL, 
	url VARCHAR NOT NULL, 
	settings TEXT NOT NULL, 
	secrets TEXT NOT NULL, 
	catalogue TEXT, 
	mapping TEXT, 
	checked_at BIGINT, 
	problem VARCHAR, 
	cursor VARCHAR, 
	connected_at BIGINT NOT NULL, 
	CONSTRAINT pk_connection PRIMARY KEY (id), 
	CONSTRAINT uq_connection_system UNIQUE (system)
);
CREATE TABLE event_kind (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	CONSTRAINT pk_event_kind PRIMARY KEY (id), 
	CONSTRAINT uq_event_kind_name_key UNIQUE (name, "key")
);
CREATE TABLE import_mapping (
	id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	signature VARCHAR NOT NULL, 
	mapping TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_import_mapping PRIMARY KEY (id), 
	CONSTRAINT uq_import_mapping_kind_signature UNIQUE (kind, signature)
);
CREATE TABLE placement (
	id INTEGER NOT NULL, 
	glm_content VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	place VARCHAR, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_placement PRIMARY KEY (id), 
	CONSTRAINT uq_placement_glm_content UNIQUE (glm_content)
);
CREATE TABLE playbook (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	system VARCHAR NOT NULL, 
	approved_at BIGINT, 
	approved_by VARCHAR, 
	CONSTRAINT pk_playbook PRIMARY KEY (id), 
	CONSTRAINT uq_playbook_name_system UNIQUE (name, system)
);
CREATE TABLE remote_link (
	id INTEGER NOT NULL, 
	system VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	local_id BIGINT NOT NULL, 
	remote_id VARCHAR NOT NULL, 
	url VARCHAR, 
	at BIGINT NOT NULL, base TEXT, gone_at BIGINT, 
	CONSTRAINT pk_remote_link PRIMARY KEY (id), 
	CONSTRAINT uq_remote_link_system_kind_local_id UNIQUE (system, kind, local_id)
);
CREATE TABLE runner (
	name VARCHAR NOT NULL, 
	holder VARCHAR NOT NULL, 
	since BIGINT NOT NULL, 
	heartbeat_at BIGINT NOT NULL, 
	CONSTRAINT pk_runner PRIMARY KEY (name)
);
CREATE TABLE saved_view (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	label VARCHAR NOT NULL, 
	spec TEXT NOT NULL, 
	owner VARCHAR, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_saved_view PRIMARY KEY (id), 
	CONSTRAINT uq_saved_view_key UNIQUE ("key")
);
CREATE TABLE scoring_model_version (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	spec TEXT NOT NULL, 
	live BOOLEAN NOT NULL, 
	note VARCHAR, 
	published_at BIGINT, 
	published_by VARCHAR, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_scoring_model_version PRIMARY KEY (id), 
	CONSTRAINT uq_scoring_model_version_name_version UNIQUE (name, version)
);
CREATE TABLE setting (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	CONSTRAINT pk_setting PRIMARY KEY (id), 
	CONSTRAINT uq_setting_key UNIQUE ("key")
);
CREATE TABLE usage_day (
	identity_id BIGINT NOT NULL, 
	day INTEGER NOT NULL, 
	kind_id INTEGER NOT NULL, 
	n BIGINT NOT NULL, 
	quantity BIGINT NOT NULL, 
	CONSTRAINT pk_usage_day PRIMARY KEY (identity_id, day, kind_id)
)
 WITHOUT ROWID

;
CREATE TABLE usage_event (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	eid BIGINT NOT NULL, 
	identity_id INTEGER NOT NULL, 
	kind_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	day INTEGER NOT NULL, 
	quantity BIGINT NOT NULL, 
	received_at BIGINT NOT NULL, 
	batch_id BIGINT, 
	CONSTRAINT uq_usage_event_eid UNIQUE (eid)
);
CREATE TABLE usage_total (
	identity_id BIGINT NOT NULL, 
	kind_id INTEGER NOT NULL, 
	n BIGINT NOT NULL, 
	quantity BIGINT NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	CONSTRAINT pk_usage_total PRIMARY KEY (identity_id, kind_id)
)
 WITHOUT ROWID

;
CREATE TABLE written_file (
	id INTEGER NOT NULL, 
	path VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	at BIGINT NOT NULL, machine VARCHAR, login VARCHAR, 
	CONSTRAINT pk_written_file PRIMARY KEY (id)
);
CREATE TABLE action_row (
	id INTEGER NOT NULL, 
	action_id BIGINT NOT NULL, 
	"table" VARCHAR NOT NULL, 
	row_id BIGINT NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	CONSTRAINT pk_action_row PRIMARY KEY (id), 
	CONSTRAINT fk_action_row_action_id_action FOREIGN KEY(action_id) REFERENCES action (id)
);
CREATE TABLE batch_row (
	id INTEGER NOT NULL, 
	batch_id BIGINT NOT NULL, 
	"table" VARCHAR NOT NULL, 
	row_id BIGINT NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	CONSTRAINT pk_batch_row PRIMARY KEY (id), 
	CONSTRAINT fk_batch_row_batch_id_batch FOREIGN KEY(batch_id) REFERENCES batch (id)
);
CREATE TABLE company_key (
	id INTEGER NOT NULL, 
	namespace VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	company_id BIGINT NOT NULL, 
	batch_id BIGINT, 
	CONSTRAINT pk_company_key PRIMARY KEY (id), 
	CONSTRAINT fk_company_key_company_id_company FOREIGN KEY(company_id) REFERENCES company (id), 
	CONSTRAINT uq_company_key_namespace_value UNIQUE (namespace, value)
);
CREATE TABLE lead (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR NOT NULL, 
	first_name VARCHAR, 
	last_name VARCHAR, 
	email VARCHAR, 
	job_title VARCHAR, 
	phone VARCHAR, 
	country VARCHAR, 
	region VARCHAR, 
	"plan" VARCHAR, 
	company_id BIGINT, 
	company_name VARCHAR, 
	domain VARCHAR, 
	signup_at BIGINT, 
	source VARCHAR, 
	placement VARCHAR, 
	hand_raised_at BIGINT, 
	created_at BIGINT NOT NULL, 
	batch_id BIGINT, 
	sample BOOLEAN NOT NULL, 
	state VARCHAR NOT NULL, 
	state_before VARCHAR, 
	state_until BIGINT, 
	state_reason VARCHAR, 
	owner VARCHAR, 
	claimed_at BIGINT, 
	lease_until BIGINT, 
	first_touch_at BIGINT, 
	touched_at BIGINT, 
	respond_by BIGINT, 
	outcome VARCHAR, 
	outcome_at BIGINT, 
	deal_value BIGINT, 
	merged_into BIGINT, 
	score BIGINT NOT NULL, 
	fit BIGINT, 
	excluded VARCHAR, 
	qualified BOOLEAN NOT NULL, 
	qualified_at BIGINT, 
	activation SMALLINT NOT NULL, 
	signals TEXT, 
	milestones TEXT, 
	last_active_at BIGINT, 
	signed_up_at BIGINT, 
	scored_at BIGINT, 
	model_version_id BIGINT, 
	due_at BIGINT, 
	is_open SMALLINT NOT NULL GENERATED ALWAYS AS (CASE WHEN state IN ('new','qualified','claimed','working') AND excluded IS NULL THEN 1 ELSE 0 END) STORED, 
	is_listed SMALLINT NOT NULL GENERATED ALWAYS AS (CASE WHEN state IN ('erased','merged') THEN 0 ELSE 1 END) STORED, 
	active_order BIGINT NOT NULL GENERATED ALWAYS AS (coalesce(last_active_at, -1)) STORED, known_qualified_at BIGINT, 
	CONSTRAINT fk_lead_company_id_company FOREIGN KEY(company_id) REFERENCES company (id)
);
CREATE TABLE claim (
	id INTEGER NOT NULL, 
	lead_id BIGINT NOT NULL, 
	rep VARCHAR NOT NULL, 
	taken_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	end_reason VARCHAR, 
	CONSTRAINT pk_claim PRIMARY KEY (id), 
	CONSTRAINT fk_claim_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id)
);
CREATE TABLE handoff (
	id INTEGER NOT NULL, 
	lead_id BIGINT NOT NULL, 
	playbook VARCHAR NOT NULL, 
	run_key VARCHAR NOT NULL, 
	system VARCHAR NOT NULL, 
	deal_name VARCHAR, 
	deal_value BIGINT, 
	currency VARCHAR, 
	stage VARCHAR, 
	assignee VARCHAR, 
	note VARCHAR, 
	task VARCHAR, 
	task_due_at BIGINT, 
	facts TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by VARCHAR NOT NULL, 
	held VARCHAR, 
	CONSTRAINT pk_handoff PRIMARY KEY (id), 
	CONSTRAINT fk_handoff_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id), 
	CONSTRAINT uq_handoff_run_key UNIQUE (run_key)
);
CREATE TABLE identity (
	id INTEGER NOT NULL, 
	namespace VARCHAR NOT NULL, 
	folded VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	verified BOOLEAN NOT NULL, 
	lead_id BIGINT, 
	company_id BIGINT, 
	follows BIGINT, 
	created_at BIGINT NOT NULL, 
	batch_id BIGINT, 
	CONSTRAINT pk_identity PRIMARY KEY (id), 
	CONSTRAINT fk_identity_company_id_company FOREIGN KEY(company_id) REFERENCES company (id), 
	CONSTRAINT fk_identity_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id), 
	CONSTRAINT uq_identity_namespace_folded UNIQUE (namespace, folded)
);
CREATE TABLE merge (
	id INTEGER NOT NULL, 
	survivor_id BIGINT NOT NULL, 
	loser_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	actor VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	moved TEXT NOT NULL, 
	undone_at BIGINT, 
	CONSTRAINT pk_merge PRIMARY KEY (id), 
	CONSTRAINT fk_merge_loser_id_lead FOREIGN KEY(loser_id) REFERENCES lead (id), 
	CONSTRAINT fk_merge_survivor_id_lead FOREIGN KEY(survivor_id) REFERENCES lead (id)
);
CREATE TABLE note (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	lead_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	author VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	CONSTRAINT fk_note_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id)
);
CREATE TABLE score_event (
	id INTEGER NOT NULL, 
	lead_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	old BIGINT NOT NULL, 
	new BIGINT NOT NULL, 
	cause VARCHAR NOT NULL, 
	parts TEXT NOT NULL, 
	model_version_id BIGINT, 
	CONSTRAINT pk_score_event PRIMARY KEY (id), 
	CONSTRAINT fk_score_event_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id)
);
CREATE TABLE submission (
	id INTEGER NOT NULL, 
	lead_id BIGINT NOT NULL, 
	identity_id BIGINT, 
	kind VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	glm_source VARCHAR, 
	glm_content VARCHAR, 
	product_interaction VARCHAR, 
	comment VARCHAR, 
	raw TEXT NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	times INTEGER NOT NULL, 
	submitted_at BIGINT, 
	received_at BIGINT NOT NULL, 
	batch_id BIGINT, 
	CONSTRAINT pk_submission PRIMARY KEY (id), 
	CONSTRAINT fk_submission_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id), 
	CONSTRAINT uq_submission_fingerprint UNIQUE (fingerprint)
);
CREATE TABLE suggestion (
	id INTEGER NOT NULL, 
	lead_id BIGINT NOT NULL, 
	other_id BIGINT NOT NULL, 
	reason VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	batch_id BIGINT, 
	CONSTRAINT pk_suggestion PRIMARY KEY (id), 
	CONSTRAINT fk_suggestion_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id), 
	CONSTRAINT fk_suggestion_other_id_lead FOREIGN KEY(other_id) REFERENCES lead (id), 
	CONSTRAINT uq_suggestion_lead_id_other_id UNIQUE (lead_id, other_id)
);
CREATE TABLE task (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	lead_id BIGINT NOT NULL, 
	title VARCHAR NOT NULL, 
	due_at BIGINT, 
	assignee VARCHAR, 
	created_at BIGINT NOT NULL, 
	created_by VARCHAR NOT NULL, 
	done_at BIGINT, 
	done_by VARCHAR, 
	CONSTRAINT fk_task_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id)
);
CREATE TABLE trial (
	id INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	lead_id BIGINT, 
	identity_id BIGINT, 
	company_id BIGINT, 
	"plan" VARCHAR, 
	starts_at BIGINT, 
	ends_at BIGINT, 
	first_ends_at BIGINT, 
	ends_date_only BOOLEAN NOT NULL, 
	source_state VARCHAR, 
	converted_at BIGINT, 
	closed_at BIGINT, 
	created_at BIGINT NOT NULL, 
	batch_id BIGINT, outcome VARCHAR, outcome_at BIGINT, source_at BIGINT, 
	CONSTRAINT pk_trial PRIMARY KEY (id), 
	CONSTRAINT fk_trial_company_id_company FOREIGN KEY(company_id) REFERENCES company (id), 
	CONSTRAINT fk_trial_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id), 
	CONSTRAINT uq_trial_source_key UNIQUE (source, "key")
);
CREATE TABLE event_set_aside (
	id INTEGER NOT NULL, 
	eid BIGINT NOT NULL, 
	identity_id BIGINT NOT NULL, 
	kind_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	quantity BIGINT NOT NULL, 
	received_at BIGINT NOT NULL, 
	reason VARCHAR NOT NULL, 
	raw TEXT, 
	released_at BIGINT, 
	batch_id BIGINT, 
	CONSTRAINT pk_event_set_aside PRIMARY KEY (id), 
	CONSTRAINT fk_event_set_aside_identity_id_identity FOREIGN KEY(identity_id) REFERENCES identity (id), 
	CONSTRAINT uq_event_set_aside_eid UNIQUE (eid)
);
CREATE TABLE hop (
	id INTEGER NOT NULL, 
	submission_id BIGINT NOT NULL, 
	step VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	remote_id VARCHAR, 
	error VARCHAR, 
	CONSTRAINT pk_hop PRIMARY KEY (id), 
	CONSTRAINT fk_hop_submission_id_submission FOREIGN KEY(submission_id) REFERENCES submission (id)
);
CREATE TABLE identity_link (
	id INTEGER NOT NULL, 
	identity_id BIGINT NOT NULL, 
	lead_id BIGINT NOT NULL, 
	linked_at BIGINT NOT NULL, 
	unlinked_at BIGINT, 
	CONSTRAINT pk_identity_link PRIMARY KEY (id), 
	CONSTRAINT fk_identity_link_identity_id_identity FOREIGN KEY(identity_id) REFERENCES identity (id)
);
CREATE TABLE outbox_item (
	id INTEGER NOT NULL, 
	handoff_id BIGINT NOT NULL, 
	lead_id BIGINT NOT NULL, 
	position INTEGER NOT NULL, 
	system VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	payload TEXT NOT NULL, 
	idempotency_key VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_attempt_at BIGINT, 
	remote_id VARCHAR, 
	remote_url VARCHAR, 
	error VARCHAR, 
	answer VARCHAR, 
	created_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	done_at BIGINT, 
	CONSTRAINT pk_outbox_item PRIMARY KEY (id), 
	CONSTRAINT fk_outbox_item_handoff_id_handoff FOREIGN KEY(handoff_id) REFERENCES handoff (id), 
	CONSTRAINT uq_outbox_item_idempotency_key UNIQUE (idempotency_key)
);
CREATE VIRTUAL TABLE lead_fts USING fts5(name, email, company_name, domain, content='lead', content_rowid='id', tokenize='trigram', detail=none);
CREATE TABLE view_layout (
	id INTEGER NOT NULL, 
	rep VARCHAR NOT NULL, 
	"view" VARCHAR NOT NULL, 
	columns TEXT, 
	position INTEGER, 
	pinned BOOLEAN NOT NULL, 
	CONSTRAINT pk_view_layout PRIMARY KEY (id), 
	CONSTRAINT uq_view_layout_rep_view UNIQUE (rep, "view")
);
CREATE TABLE handoff_draft (
	id INTEGER NOT NULL, 
	lead_id BIGINT NOT NULL, 
	rep VARCHAR NOT NULL, 
	payload TEXT NOT NULL, 
	saved_at BIGINT NOT NULL, 
	CONSTRAINT pk_handoff_draft PRIMARY KEY (id), 
	CONSTRAINT fk_handoff_draft_lead_id_lead FOREIGN KEY(lead_id) REFERENCES lead (id)
);
CREATE TABLE notice (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	rep VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	lead_id BIGINT, 
	facts TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	told_at BIGINT, 
	read_at BIGINT, snoozed_until BIGINT, 
	CONSTRAINT uq_notice_rep_key UNIQUE (rep, "key")
);
CREATE TABLE notice_mark (
	id INTEGER NOT NULL, 
	rep VARCHAR NOT NULL, 
	score_event BIGINT NOT NULL, 
	submission BIGINT NOT NULL, 
	CONSTRAINT pk_notice_mark PRIMARY KEY (id), 
	CONSTRAINT uq_notice_mark_rep UNIQUE (rep)
);
CREATE TABLE raw_page (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source VARCHAR NOT NULL, 
	received_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	items INTEGER NOT NULL, 
	done INTEGER NOT NULL, 
	body BLOB NOT NULL
);
CREATE TABLE refused_call (
	id INTEGER NOT NULL, 
	page_id BIGINT, 
	item INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	shown VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_refused_call PRIMARY KEY (id)
);
CREATE TABLE event_name (
	source VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	n BIGINT NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	sample TEXT, 
	CONSTRAINT pk_event_name PRIMARY KEY (source, name)
)
 WITHOUT ROWID

;
CREATE TABLE event_rule (
	id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	pattern VARCHAR NOT NULL, 
	spec TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by VARCHAR, 
	CONSTRAINT pk_event_rule PRIMARY KEY (id)
);
CREATE TABLE "conflict" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	system VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	local_id BIGINT NOT NULL, 
	lead_id BIGINT, 
	remote_id VARCHAR NOT NULL, 
	field VARCHAR NOT NULL, 
	base TEXT, 
	mine TEXT, 
	theirs TEXT, 
	found_at BIGINT NOT NULL, 
	found_by VARCHAR NOT NULL, 
	decision VARCHAR, 
	decided_at BIGINT, 
	decided_by VARCHAR, 
	rule VARCHAR
);
CREATE TABLE tombstone (
	id INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	erased_at BIGINT NOT NULL, 
	CONSTRAINT pk_tombstone PRIMARY KEY (id), 
	CONSTRAINT uq_tombstone_digest UNIQUE (digest)
);
CREATE TABLE erasure (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor VARCHAR NOT NULL, 
	lead_id BIGINT, 
	found TEXT NOT NULL, 
	files TEXT NOT NULL, 
	CONSTRAINT pk_erasure PRIMARY KEY (id)
);
CREATE TABLE sync_state (
	id INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	cursor TEXT, 
	started_at BIGINT, 
	fresh_at BIGINT, 
	failed_at BIGINT, 
	failures INTEGER NOT NULL, 
	problem VARCHAR, 
	needs_you BOOLEAN NOT NULL, 
	next_at BIGINT, 
	rows BIGINT NOT NULL, 
	run_rows BIGINT NOT NULL, 
	saying VARCHAR, 
	stop_asked BOOLEAN NOT NULL, 
	CONSTRAINT pk_sync_state PRIMARY KEY (id), 
	CONSTRAINT uq_sync_state_source UNIQUE (source)
);
CREATE TABLE pulled_file (
	id INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	problem VARCHAR, 
	CONSTRAINT pk_pulled_file PRIMARY KEY (id), 
	CONSTRAINT uq_pulled_file_source_digest UNIQUE (source, digest)
);
CREATE TABLE placement_report (
	id INTEGER NOT NULL, 
	problem VARCHAR NOT NULL, 
	glm_content VARCHAR NOT NULL, 
	page VARCHAR NOT NULL, 
	button_text VARCHAR NOT NULL, 
	buttons INTEGER NOT NULL, 
	times INTEGER NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	CONSTRAINT pk_placement_report PRIMARY KEY (id), 
	CONSTRAINT uq_placement_report_problem_glm_content_page UNIQUE (problem, glm_content, page)
);
CREATE TABLE route (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	filter VARCHAR NOT NULL, 
	weights TEXT NOT NULL, 
	any_hours BOOLEAN NOT NULL, 
	account_owner BOOLEAN NOT NULL, 
	active BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_route PRIMARY KEY (id), 
	CONSTRAINT uq_route_name UNIQUE (name)
);
CREATE TABLE route_share (
	id INTEGER NOT NULL, 
	route_id BIGINT NOT NULL, 
	email VARCHAR NOT NULL, 
	owed BIGINT NOT NULL, 
	received BIGINT NOT NULL, 
	CONSTRAINT pk_route_share PRIMARY KEY (id), 
	CONSTRAINT fk_route_share_route_id_route FOREIGN KEY(route_id) REFERENCES route (id), 
	CONSTRAINT uq_route_share_route_id_email UNIQUE (route_id, email)
);
CREATE TABLE route_turn (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	lead_id BIGINT NOT NULL, 
	route_id BIGINT, 
	route VARCHAR NOT NULL, 
	chosen VARCHAR, 
	why VARCHAR NOT NULL, 
	skipped TEXT NOT NULL, 
	owed TEXT NOT NULL, 
	retry_at BIGINT, 
	CONSTRAINT pk_route_turn PRIMARY KEY (id)
);
CREATE TABLE counted_day (
	source VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	day INTEGER NOT NULL, 
	cells TEXT NOT NULL, 
	CONSTRAINT pk_counted_day PRIMARY KEY (source, who, day)
)
 WITHOUT ROWID

;
CREATE TABLE "member" (
	id INTEGER NOT NULL, 
	email VARCHAR NOT NULL, 
	timezone VARCHAR, 
	working_hours VARCHAR, 
	capacity INTEGER, 
	away_from BIGINT, 
	away_until BIGINT, 
	added_at BIGINT NOT NULL, 
	role VARCHAR DEFAULT 'rep' NOT NULL, 
	login VARCHAR, 
	CONSTRAINT pk_member PRIMARY KEY (id), 
	CONSTRAINT uq_member_email UNIQUE (email), 
	CONSTRAINT uq_member_login UNIQUE (login)
);
CREATE TABLE lead_count (is_open INTEGER NOT NULL, is_listed INTEGER NOT NULL, owned INTEGER NOT NULL, n INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (is_open, is_listed, owned)) WITHOUT ROWID;
CREATE VIRTUAL TABLE lead_fts_term USING fts5vocab(lead_fts, instance);
CREATE TABLE plain_letter (letter TEXT PRIMARY KEY, plain TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE lead_plain (lead_id INTEGER PRIMARY KEY, name TEXT, email TEXT, company_name TEXT, domain TEXT, job_title TEXT, country TEXT, region TEXT);
CREATE TABLE company_plain (company_id INTEGER PRIMARY KEY, name TEXT, domain TEXT);
CREATE VIRTUAL TABLE lead_fts_plain USING fts5(name, email, company_name, domain, content='lead_plain', content_rowid='lead_id', tokenize='trigram', detail=none);
CREATE VIRTUAL TABLE lead_fts_plain_term USING fts5vocab(lead_fts_plain, instance);
INSERT INTO "alembic_version" VALUES ('0022');
INSERT INTO "lead_count" VALUES (0, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (0, 1, 1, 0), (1, 0, 0, 0), (1, 0, 1, 0), (1, 1, 0, 0), (1, 1, 1, 0);
INSERT INTO "plain_letter" VALUES ('A', 'a'), ('B', 'b'), ('C', 'c'), ('D', 'd'), ('E', 'e'), ('F', 'f'), ('G', 'g'), ('H', 'h'), ('I', 'i'), ('J', 'j'), ('K', 'k'), ('L', 'l'), ('M', 'm'), ('N', 'n'), ('O', 'o'), ('P', 'p'), ('Q', 'q'), ('R', 'r'), ('S', 's'), ('T', 't'), ('U', 'u'), ('V', 'v'), ('W', 'w'), ('X', 'x'), ('Y', 'y'), ('Z', 'z'), (' ', ' '), ('ª', 'a'), ('­', ''), ('²', '2'), ('³', '3'), ('´', ''''), ('µ', 'μ'), ('¹', '1'), ('º', 'o'), ('¼', '1⁄4'), ('½', '1⁄2'), ('¾', '3⁄4'), ('À', 'a'), ('Á', 'a'), ('Â', 'a'), ('Ã', 'a'), ('Ä', 'a'), ('Å', 'a'), ('Æ', 'ae'), ('Ç', 'c'), ('È', 'e'), ('É', 'e'), ('Ê', 'e'), ('Ë', 'e'), ('Ì', 'i'), ('Í', 'i'), ('Î', 'i'), ('Ï', 'i'), ('Ð', 'd'), ('Ñ', 'n'), ('Ò', 'o'), ('Ó', 'o'), ('Ô', 'o'), ('Õ', 'o'), ('Ö', 'o'), ('Ø', 'o'), ('Ù', 'u'), ('Ú', 'u'), ('Û', 'u'), ('Ü', 'u'), ('Ý', 'y'), ('Þ', 'th'), ('ß', 'ss'), ('à', 'a'), ('á', 'a'), ('â', 'a'), ('ã', 'a'), ('ä', 'a'), ('å', 'a'), ('æ', 'ae'), ('ç', 'c'), ('è', 'e'), ('é', 'e'), ('ê', 'e'), ('ë', 'e'), ('ì', 'i'), ('í', 'i'), ('î', 'i'), ('ï', 'i'), ('ð', 'd'), ('ñ', 'n'), ('ò', 'o'), ('ó', 'o'), ('ô', 'o'), ('õ', 'o'), ('ö', 'o'), ('ø', 'o'), ('ù', 'u'), ('ú', 'u'), ('û', 'u'), ('ü', 'u'), ('ý', 'y'), ('þ', 'th'), ('ÿ', 'y'), ('Ā', 'a'), ('ā', 'a'), ('Ă', 'a'), ('ă', 'a'), ('Ą', 'a'), ('ą', 'a'), ('Ć', 'c'), ('ć', 'c'), ('Ĉ', 'c'), ('ĉ', 'c'), ('Ċ', 'c'), ('ċ', 'c'), ('Č', 'c'), ('č', 'c'), ('Ď', 'd'), ('ď', 'd'), ('Đ', 'd'), ('đ', 'd'), ('Ē', 'e'), ('ē', 'e'), ('Ĕ', 'e'), ('ĕ', 'e'), ('Ė', 'e'), ('ė', 'e'), ('Ę', 'e'), ('ę', 'e'), ('Ě', 'e'), ('ě', 'e'), ('Ĝ', 'g'), ('ĝ', 'g'), ('Ğ', 'g'), ('ğ', 'g'), ('Ġ', 'g'), ('ġ', 'g'), ('Ģ', 'g'), ('ģ', 'g'), ('Ĥ', 'h'), ('ĥ', 'h'), ('Ħ', 'h'), ('ħ', 'h'), ('Ĩ', 'i'), ('ĩ', 'i'), ('Ī', 'i'), ('ī', 'i'), ('Ĭ', 'i'), ('ĭ', 'i'), ('Į', 'i'), ('į', 'i'), ('İ', 'i'), ('ı', 'i'), ('Ĳ', 'ij'), ('ĳ', 'ij'), ('Ĵ', 'j'), ('ĵ', 'j'), ('Ķ', 'k'), ('ķ', 'k'), ('ĸ', 'k'), ('Ĺ', 'l'), ('ĺ', 'l'), ('Ļ', 'l'), ('ļ', 'l'), ('Ľ', 'l'), ('ľ', 'l'), ('Ŀ', 'l·'), ('ŀ', 'l'), ('Ł', 'l'), ('ł', 'l'), ('Ń', 'n'), ('ń', 'n'), ('Ņ', 'n'), ('ņ', 'n'), ('Ň', 'n'), ('ň', 'n'), ('ŉ', '''n'), ('Ŋ', 'n'), ('ŋ', 'n'), ('Ō', 'o'), ('ō', 'o'), ('Ŏ', 'o'), ('ŏ', 'o'), ('Ő', 'o'), ('ő', 'o'), ('Œ', 'oe'), ('œ', 'oe'), ('Ŕ', 'r'), ('ŕ', 'r'), ('Ŗ', 'r'), ('ŗ', 'r'), ('Ř', 'r'), ('ř', 'r'), ('Ś', 's'), ('ś', 's'), ('Ŝ', 's'), ('ŝ', 's'), ('Ş', 's'), ('ş', 's'), ('Š', 's'), ('š', 's'), ('Ţ', 't'), ('ţ', 't'), ('Ť', 't'), ('ť', 't'), ('Ŧ', 't'), ('ŧ', 't'), ('Ũ', 'u'), ('ũ', 'u'), ('Ū', 'u'), ('ū', 'u'), ('Ŭ', 'u'), ('ŭ', 'u'), ('Ů', 'u'), ('ů', 'u'), ('Ű', 'u'), ('ű', 'u'), ('Ų', 'u'), ('ų', 'u'), ('Ŵ', 'w'), ('ŵ', 'w'), ('Ŷ', 'y'), ('ŷ', 'y'), ('Ÿ', 'y'), ('Ź', 'z'), ('ź', 'z'), ('Ż', 'z'), ('ż', 'z'), ('Ž', 'z'), ('ž', 'z'), ('ſ', 's'), ('Ɓ', 'ɓ'), ('Ƃ', 'ƃ'), ('Ƅ', 'ƅ'), ('Ɔ', 'ɔ'), ('Ƈ', 'ƈ'), ('Ɖ', 'ɖ'), ('Ɗ', 'ɗ'), ('Ƌ', 'ƌ'), ('Ǝ', 'ǝ'), ('Ə', 'ə'), ('Ɛ', 'ɛ'), ('Ƒ', 'ƒ'), ('Ɠ', 'ɠ'), ('Ɣ', 'ɣ'), ('Ɩ', 'ɩ'), ('Ɨ', 'ɨ'), ('Ƙ', 'ƙ'), ('Ɯ', 'ɯ'), ('Ɲ', 'ɲ'), ('Ɵ', 'ɵ'), ('Ơ', 'o'), ('ơ', 'o'), ('Ƣ', 'ƣ'), ('Ƥ', 'ƥ'), ('Ʀ', 'ʀ'), ('Ƨ', 'ƨ'), ('Ʃ', 'ʃ'), ('Ƭ', 'ƭ'), ('Ʈ', 'ʈ'), ('Ư', 'u'), ('ư', 'u'), ('Ʊ', 'ʊ'), ('Ʋ', 'ʋ'), ('Ƴ', 'ƴ'), ('Ƶ', 'ƶ'), ('Ʒ', 'ʒ'), ('Ƹ', 'ƹ'), ('Ƽ', 'ƽ'), ('Ǆ', 'dz'), ('ǅ', 'dz'), ('ǆ', 'dz'), ('Ǉ', 'lj'), ('ǈ', 'lj'), ('ǉ', 'lj'), ('Ǌ', 'nj'), ('ǋ', 'nj'), ('ǌ', 'nj'), ('Ǎ', 'a'), ('ǎ', 'a'), ('Ǐ', 'i'), ('ǐ', 'i'), ('Ǒ', 'o'), ('ǒ', 'o'), ('Ǔ', 'u'), ('ǔ', 'u'), ('Ǖ', 'u'), ('ǖ', 'u'), ('Ǘ', 'u'), ('ǘ', 'u'), ('Ǚ', 'u'), ('ǚ', 'u'), ('Ǜ', 'u'), ('ǜ', 'u'), ('Ǟ', 'a'), ('ǟ', 'a'), ('Ǡ', 'a'), ('ǡ', 'a'), ('Ǣ', 'ae'), ('ǣ', 'ae'), ('Ǥ', 'ǥ'), ('Ǧ', 'g'), ('ǧ', 'g'), ('Ǩ', 'k'), ('ǩ', 'k'), ('Ǫ', 'o'), ('ǫ', 'o'), ('Ǭ', 'o'), ('ǭ', 'o'), ('Ǯ', 'ʒ'), ('ǯ', 'ʒ'), ('ǰ', 'j'), ('Ǳ', 'dz'), ('ǲ', 'dz'), ('ǳ', 'dz'), ('Ǵ', 'g'), ('ǵ', 'g'), ('Ƕ', 'ƕ'), ('Ƿ', 'ƿ'), ('Ǹ', 'n'), ('ǹ', 'n'), ('Ǻ', 'a'), ('ǻ', 'a'), ('Ǽ', 'ae'), ('ǽ', 'ae'), ('Ǿ', 'o'), ('ǿ', 'o'), ('Ȁ', 'a'), ('ȁ', 'a'), ('Ȃ', 'a'), ('ȃ', 'a'), ('Ȅ', 'e'), ('ȅ', 'e'), ('Ȇ', 'e'), ('ȇ', 'e'), ('Ȉ', 'i'), ('ȉ', 'i'), ('Ȋ', 'i'), ('ȋ', 'i'), ('Ȍ', 'o'), ('ȍ', 'o'), ('Ȏ', 'o'), ('ȏ', 'o'), ('Ȑ', 'r'), ('ȑ', 'r'), ('Ȓ', 'r'), ('ȓ', 'r'), ('Ȕ', 'u'), ('ȕ', 'u'), ('Ȗ', 'u'), ('ȗ', 'u'), ('Ș', 's'), ('ș', 's'), ('Ț', 't'), ('ț', 't'), ('Ȝ', 'ȝ'), ('Ȟ', 'h'), ('ȟ', 'h'), ('Ƞ', 'ƞ'), ('Ȣ', 'ȣ'), ('Ȥ', 'ȥ'), ('Ȧ', 'a'), ('ȧ', 'a'), ('Ȩ', 'e'), ('ȩ', 'e'), ('Ȫ', 'o'), ('ȫ', 'o'), ('Ȭ', 'o'), ('ȭ', 'o'), ('Ȯ', 'o'), ('ȯ', 'o'), ('Ȱ', 'o'), ('ȱ', 'o'), ('Ȳ', 'y'), ('ȳ', 'y'), ('Ⱥ', 'ⱥ'), ('Ȼ', 'ȼ'), ('Ƚ', 'ƚ'), ('Ⱦ', 'ⱦ'), ('Ɂ', 'ɂ'), ('Ƀ', 'ƀ'), ('Ʉ', 'ʉ'), ('Ʌ', 'ʌ'), ('Ɇ', 'ɇ'), ('Ɉ', 'ɉ'), ('Ɋ', 'ɋ'), ('Ɍ', 'ɍ'), ('Ɏ', 'ɏ'), ('ʰ', 'h'), ('ʱ', 'ɦ'), ('ʲ', 'j'), ('ʳ', 'r'), ('ʴ', 'ɹ'), ('ʵ', 'ɻ'), ('ʶ', 'ʁ'), ('ʷ', 'w'), ('ʸ', 'y'), ('ʹ', ''''), ('ʻ', ''''), ('ʼ', ''''), ('ʽ', ''''), ('ˠ', 'ɣ'), ('ˡ', 'l'), ('ˢ', 's'), ('ˣ', 'x'), ('ˤ', 'ʕ'), ('̀', ''), ('́', ''), ('̂', ''), ('̃', ''), ('̄', ''), ('̅', ''), ('̆', ''), ('̇', ''), ('̈', ''), ('̉', ''), ('̊', ''), ('̋', ''), ('̌', ''), ('̍', ''), ('̎', ''), ('̏', ''), ('̐', ''), ('̑', ''), ('̒', ''), ('̓', ''), ('̔', ''), ('̕', ''), ('̖', ''), ('̗', ''), ('̘', ''), ('̙', ''), ('̚', ''), ('̛', ''), ('̜', ''), ('̝', ''), ('̞', ''), ('̟', ''), ('̠', ''), ('̡', ''), ('̢', ''), ('̣', ''), ('̤', ''), ('̥', ''), ('̦', ''), ('̧', ''), ('̨', ''), ('̩', ''), ('̪', ''), ('̫', ''), ('̬', ''), ('̭', ''), ('̮', ''), ('̯', ''), ('̰', ''), ('̱', ''), ('̲', ''), ('̳', ''), ('̴', ''), ('̵', ''), ('̶', ''), ('̷', ''), ('̸', ''), ('̹', ''), ('̺', ''), ('̻', ''), ('̼', ''), ('̽', ''), ('̾', ''), ('̿', ''), ('̀', ''), ('́', ''), ('͂', ''), ('̓', ''), ('̈́', ''), ('ͅ', ''), ('͆', ''), ('͇', ''), ('͈', ''), ('͉', ''), ('͊', ''), ('͋', ''), ('͌', ''), ('͍', ''), ('͎', ''), ('͐', ''), ('͑', ''), ('͒', ''), ('͓', ''), ('͔', ''), ('͕', ''), ('͖', ''), ('͗', ''), ('͘', ''), ('͙', ''), ('͚', ''), ('͛', ''), ('͜', ''), ('͝', ''), ('͞', ''), ('͟', ''), ('͠', ''), ('͡', ''), ('͢', ''), ('ͣ', ''), ('ͤ', ''), ('ͥ', ''), ('ͦ', ''), ('ͧ', ''), ('ͨ', ''), ('ͩ', ''), ('ͪ', ''), ('ͫ', ''), ('ͬ', ''), ('ͭ', ''), ('ͮ', ''), ('ͯ', ''), ('Ͱ', 'ͱ'), ('Ͳ', 'ͳ'), ('ʹ', ''''), ('Ͷ', 'ͷ'), ('ͺ', ' '), ('Ϳ', 'ϳ'), ('Ά', 'α'), ('Έ', 'ε'), ('Ή', 'η'), ('Ί', 'ι'), ('Ό', 'ο'), ('Ύ', 'υ'), ('Ώ', 'ω'), ('ΐ', 'ι'), ('Α', 'α'), ('Β', 'β'), ('Γ', 'γ'), ('Δ', 'δ'), ('Ε', 'ε'), ('Ζ', 'ζ'), ('Η', 'η'), ('Θ', 'θ'), ('Ι', 'ι'), ('Κ', 'κ'), ('Λ', 'λ'), ('Μ', 'μ'), ('Ν', 'ν'), ('Ξ', 'ξ'), ('Ο', 'ο'), ('Π', 'π'), ('Ρ', 'ρ'), ('Σ', 'σ'), ('Τ', 'τ'), ('Υ', 'υ'), ('Φ', 'φ'), ('Χ', 'χ'), ('Ψ', 'ψ'), ('Ω', 'ω'), ('Ϊ', 'ι'), ('Ϋ', 'υ'), ('ά', 'α'), ('έ', 'ε'), ('ή', 'η'), ('ί', 'ι'), ('ΰ', 'υ'), ('ς', 'σ'), ('ϊ', 'ι'), ('ϋ', 'υ'), ('ό', 'ο'), ('ύ', 'υ'), ('ώ', 'ω'), ('Ϗ', 'ϗ'), ('ϐ', 'β'), ('ϑ', 'θ'), ('ϒ', 'υ'), ('ϓ', 'υ'), ('ϔ', 'υ'), ('ϕ', 'φ'), ('ϖ', 'π'), ('Ϙ', 'ϙ'), ('Ϛ', 'ϛ'), ('Ϝ', 'ϝ'), ('Ϟ', 'ϟ'), ('Ϡ', 'ϡ'), ('Ϣ', 'ϣ'), ('Ϥ', 'ϥ'), ('Ϧ', 'ϧ'), ('Ϩ', 'ϩ'), ('Ϫ', 'ϫ'), ('Ϭ', 'ϭ'), ('Ϯ', 'ϯ'), ('ϰ', 'κ'), ('ϱ', 'ρ'), ('ϲ', 'σ'), ('ϴ', 'θ'), ('ϵ', 'ε'), ('Ϸ', 'ϸ'), ('Ϲ', 'σ'), ('Ϻ', 'ϻ'), ('Ͻ', 'ͻ'), ('Ͼ', 'ͼ'), ('Ͽ', 'ͽ'), ('Ѐ', 'е'), ('Ё', 'е'), ('Ђ', 'ђ'), ('Ѓ', 'г'), ('Є', 'є'), ('Ѕ', 'ѕ'), ('І', 'і'), ('Ї', 'і'), ('Ј', 'ј'), ('Љ', 'љ'), ('Њ', 'њ'), ('Ћ', 'ћ'), ('Ќ', 'к'), ('Ѝ', 'и'), ('Ў', 'у'), ('Џ', 'џ'), ('А', 'а'), ('Б', 'б'), ('В', 'в'), ('Г', 'г'), ('Д', 'д'), ('Е', 'е'), ('Ж', 'ж'), ('З', 'з'), ('И', 'и'), ('Й', 'и'), ('К', 'к'), ('Л', 'л'), ('М', 'м'), ('Н', 'н'), ('О', 'о'), ('П', 'п'), ('Р', 'р'), ('С', 'с'), ('Т', 'т'), ('У', 'у'), ('Ф', 'ф'), ('Х', 'х'), ('Ц', 'ц'), ('Ч', 'ч'), ('Ш', 'ш'), ('Щ', 'щ'), ('Ъ', 'ъ'), ('Ы', 'ы'), ('Ь', 'ь'), ('Э', 'э'), ('Ю', 'ю'), ('Я', 'я'), ('й', 'и'), ('ѐ', 'е'), ('ё', 'е'), ('ѓ', 'г'), ('ї', 'і'), ('ќ', 'к'), ('ѝ', 'и'), ('ў', 'у'), ('Ѡ', 'ѡ'), ('Ѣ', 'ѣ'), ('Ѥ', 'ѥ'), ('Ѧ', 'ѧ'), ('Ѩ', 'ѩ'), ('Ѫ', 'ѫ'), ('Ѭ', 'ѭ'), ('Ѯ', 'ѯ'), ('Ѱ', 'ѱ'), ('Ѳ', 'ѳ'), ('Ѵ', 'ѵ'), ('Ѷ', 'ѵ'), ('ѷ', 'ѵ'), ('Ѹ', 'ѹ'), ('Ѻ', 'ѻ'), ('Ѽ', 'ѽ'), ('Ѿ', 'ѿ'), ('Ҁ', 'ҁ'), ('҃', ''), ('҄', ''), ('҅', ''), ('҆', ''), ('҇', ''), ('Ҋ', 'ҋ'), ('Ҍ', 'ҍ'), ('Ҏ', 'ҏ'), ('Ґ', 'ґ'), ('Ғ', 'ғ'), ('Ҕ', 'ҕ'), ('Җ', 'җ'), ('Ҙ', 'ҙ'), ('Қ', 'қ'), ('Ҝ', 'ҝ'), ('Ҟ', 'ҟ'), ('Ҡ', 'ҡ'), ('Ң', 'ң'), ('Ҥ', 'ҥ'), ('Ҧ', 'ҧ'), ('Ҩ', 'ҩ'), ('Ҫ', 'ҫ'), ('Ҭ', 'ҭ'), ('Ү', 'ү'), ('Ұ', 'ұ'), ('Ҳ', 'ҳ'), ('Ҵ', 'ҵ'), ('Ҷ', 'ҷ'), ('Ҹ', 'ҹ'), ('Һ', 'һ'), ('Ҽ', 'ҽ'), ('Ҿ', 'ҿ'), ('Ӏ', 'ӏ'), ('Ӂ', 'ж'), ('ӂ', 'ж'), ('Ӄ', 'ӄ'), ('Ӆ', 'ӆ'), ('Ӈ', 'ӈ'), ('Ӊ', 'ӊ'), ('Ӌ', 'ӌ'), ('Ӎ', 'ӎ'), ('Ӑ', 'а'), ('ӑ', 'а'), ('Ӓ', 'а'), ('ӓ', 'а'), ('Ӕ', 'ӕ'), ('Ӗ', 'е'), ('ӗ', 'е'), ('Ә', 'ә'), ('Ӛ', 'ә'), ('ӛ', 'ә'), ('Ӝ', 'ж'), ('ӝ', 'ж'), ('Ӟ', 'з'), ('ӟ', 'з'), ('Ӡ', 'ӡ'), ('Ӣ', 'и'), ('ӣ', 'и'), ('Ӥ', 'и'), ('ӥ', 'и'), ('Ӧ', 'о'), ('ӧ', 'о'), ('Ө', 'ө'), ('Ӫ', 'ө'), ('ӫ', 'ө'), ('Ӭ', 'э'), ('ӭ', 'э'), ('Ӯ', 'у'), ('ӯ', 'у'), ('Ӱ', 'у'), ('ӱ', 'у'), ('Ӳ', 'у'), ('ӳ', 'у'), ('Ӵ', 'ч'), ('ӵ', 'ч'), ('Ӷ', 'ӷ'), ('Ӹ', 'ы'), ('ӹ', 'ы'), ('Ӻ', 'ӻ'), ('Ӽ', 'ӽ'), ('Ӿ', 'ӿ'), ('Ԁ', 'ԁ'), ('Ԃ', 'ԃ'), ('Ԅ', 'ԅ'), ('Ԇ', 'ԇ'), ('Ԉ', 'ԉ'), ('Ԋ', 'ԋ'), ('Ԍ', 'ԍ'), ('Ԏ', 'ԏ'), ('Ԑ', 'ԑ'), ('Ԓ', 'ԓ'), ('Ԕ', 'ԕ'), ('Ԗ', 'ԗ'), ('Ԙ', 'ԙ'), ('Ԛ', 'ԛ'), ('Ԝ', 'ԝ'), ('Ԟ', 'ԟ'), ('Ԡ', 'ԡ'), ('Ԣ', 'ԣ'), ('Ԥ', 'ԥ'), ('Ԧ', 'ԧ'), ('Ԩ', 'ԩ'), ('Ԫ', 'ԫ'), ('Ԭ', 'ԭ'), ('Ԯ', 'ԯ'), ('Ա', 'ա'), ('Բ', 'բ'), ('Գ', 'գ'), ('Դ', 'դ'), ('Ե', 'ե'), ('Զ', 'զ'), ('Է', 'է'), ('Ը', 'ը'), ('Թ', 'թ'), ('Ժ', 'ժ'), ('Ի', 'ի'), ('Լ', 'լ'), ('Խ', 'խ'), ('Ծ', 'ծ'), ('Կ', 'կ'), ('Հ', 'հ'), ('Ձ', 'ձ'), ('Ղ', 'ղ'), ('Ճ', 'ճ'), ('Մ', 'մ'), ('Յ', 'յ'), ('Ն', 'ն'), ('Շ', 'շ'), ('Ո', 'ո'), ('Չ', 'չ'), ('Պ', 'պ'), ('Ջ', 'ջ'), ('Ռ', 'ռ'), ('Ս', 'ս'), ('Վ', 'վ'), ('Տ', 'տ'), ('Ր', 'ր'), ('Ց', 'ց'), ('Ւ', 'ւ'), ('Փ', 'փ'), ('Ք', 'ք'), ('Օ', 'օ'), ('Ֆ', 'ֆ'), ('և', 'եւ'), ('֑', ''), ('֒', ''), ('֓', ''), ('֔', ''), ('֕', ''), ('֖', ''), ('֗', ''), ('֘', ''), ('֙', ''), ('֚', ''), ('֛', ''), ('֜', ''), ('֝', ''), ('֞', ''), ('֟', ''), ('֠', ''), ('֡', ''), ('֢', ''), ('֣', ''), ('֤', ''), ('֥', ''), ('֦', ''), ('֧', ''), ('֨', ''), ('֩', ''), ('֪', ''), ('֫', ''), ('֬', ''), ('֭', ''), ('֮', ''), ('֯', ''), ('ְ', ''), ('ֱ', ''), ('ֲ', ''), ('ֳ', ''), ('ִ', ''), ('ֵ', ''), ('ֶ', ''), ('ַ', ''), ('ָ', ''), ('ֹ', ''), ('ֺ', ''), ('ֻ', ''), ('ּ', ''), ('ֽ', ''), ('ֿ', ''), ('ׁ', ''), ('ׂ', ''), ('ׄ', ''), ('ׅ', ''), ('ׇ', ''), ('ؐ', ''), ('ؑ', ''), ('ؒ', ''), ('ؓ', ''), ('ؔ', ''), ('ؕ', ''), ('ؖ', ''), ('ؗ', ''), ('ؘ', ''), ('ؙ', ''), ('ؚ', ''), ('آ', 'ا'), ('أ', 'ا'), ('ؤ', 'و'), ('إ', 'ا'), ('ئ', 'ي'), ('ً', ''), ('ٌ', ''), ('ٍ', ''), ('َ', ''), ('ُ', ''), ('ِ', ''), ('ّ', ''), ('ْ', ''), ('ٓ', ''), ('ٔ', ''), ('ٕ', ''), ('ٖ', ''), ('ٗ', ''), ('٘', ''), ('ٙ', ''), ('ٚ', ''), ('ٛ', ''), ('ٜ', ''), ('ٝ', ''), ('ٞ', ''), ('ٟ', ''), ('ٰ', ''), ('Ⴀ', 'ⴀ'), ('Ⴁ', 'ⴁ'), ('Ⴂ', 'ⴂ'), ('Ⴃ', 'ⴃ'), ('Ⴄ', 'ⴄ'), ('Ⴅ', 'ⴅ'), ('Ⴆ', 'ⴆ'), ('Ⴇ', 'ⴇ'), ('Ⴈ', 'ⴈ'), ('Ⴉ', 'ⴉ'), ('Ⴊ', 'ⴊ'), ('Ⴋ', 'ⴋ'), ('Ⴌ', 'ⴌ'), ('Ⴍ', 'ⴍ'), ('Ⴎ', 'ⴎ'), ('Ⴏ', 'ⴏ'), ('Ⴐ', 'ⴐ'), ('Ⴑ', 'ⴑ'), ('Ⴒ', 'ⴒ'), ('Ⴓ', 'ⴓ'), ('Ⴔ', 'ⴔ'), ('Ⴕ', 'ⴕ'), ('Ⴖ', 'ⴖ'), ('Ⴗ', 'ⴗ'), ('Ⴘ', 'ⴘ'), ('Ⴙ', 'ⴙ'), ('Ⴚ', 'ⴚ'), ('Ⴛ', 'ⴛ'), ('Ⴜ', 'ⴜ'), ('Ⴝ', 'ⴝ'), ('Ⴞ', 'ⴞ'), ('Ⴟ', 'ⴟ'), ('Ⴠ', 'ⴠ'), ('Ⴡ', 'ⴡ'), ('Ⴢ', 'ⴢ'), ('Ⴣ', 'ⴣ'), ('Ⴤ', 'ⴤ'), ('Ⴥ', 'ⴥ'), ('᪰', ''), ('᪱', ''), ('᪲', ''), ('᪳', ''), ('᪴', ''), ('᪵', ''), ('᪶', ''), ('᪷', ''), ('᪸', ''), ('᪹', ''), ('᪺', ''), ('᪻', ''), ('᪼', ''), ('᪽', ''), ('ᪿ', ''), ('ᫀ', ''), ('᫁', ''), ('᫂', ''), ('᫃', ''), ('᫄', ''), ('᫅', ''), ('᫆', ''), ('᫇', ''), ('᫈', ''), ('᫉', ''), ('᫊', ''), ('᫋', ''), ('ᫌ', ''), ('ᫍ', ''), ('ᫎ', ''), ('ᲀ', 'в'), ('ᲁ', 'д'), ('ᲂ', 'о'), ('ᲃ', 'с'), ('ᲄ', 'т'), ('ᲅ', 'т'), ('ᲆ', 'ъ'), ('ᲇ', 'ѣ'), ('ᲈ', 'ꙋ'), ('Ა', 'ა'), ('Ბ', 'ბ'), ('Გ', 'გ'), ('Დ', 'დ'), ('Ე', 'ე'), ('Ვ', 'ვ'), ('Ზ', 'ზ'), ('Თ', 'თ'), ('Ი', 'ი'), ('Კ', 'კ'), ('Ლ', 'ლ'), ('Მ', 'მ'), ('Ნ', 'ნ'), ('Ო', 'ო'), ('Პ', 'პ'), ('Ჟ', 'ჟ'), ('Რ', 'რ'), ('Ს', 'ს'), ('Ტ', 'ტ'), ('Უ', 'უ'), ('Ფ', 'ფ'), ('Ქ', 'ქ'), ('Ღ', 'ღ'), ('Ყ', 'ყ'), ('Შ', 'შ'), ('Ჩ', 'ჩ'), ('Ც', 'ც'), ('Ძ', 'ძ'), ('Წ', 'წ'), ('Ჭ', 'ჭ'), ('Ხ', 'ხ'), ('Ჯ', 'ჯ'), ('Ჰ', 'ჰ'), ('Ჱ', 'ჱ'), ('Ჲ', 'ჲ'), ('Ჳ', 'ჳ'), ('Ჴ', 'ჴ'), ('Ჵ', 'ჵ'), ('Ჶ', 'ჶ'), ('Ჷ', 'ჷ'), ('Ჸ', 'ჸ'), ('Ჹ', 'ჹ'), ('Ჺ', 'ჺ'), ('Ჽ', 'ჽ'), ('Ჾ', 'ჾ'), ('Ჿ', 'ჿ'), ('᷀', ''), ('᷁', ''), ('᷂', ''), ('᷃', ''), ('᷄', ''), ('᷅', ''), ('᷆', ''), ('᷇', ''), ('᷈', ''), ('᷉', ''), ('᷊', ''), ('᷋', ''), ('᷌', ''), ('᷍', ''), ('᷎', ''), ('᷏', ''), ('᷐', ''), ('᷑', ''), ('᷒', ''), ('ᷓ', ''), ('ᷔ', ''), ('ᷕ', ''), ('ᷖ', ''), ('ᷗ', ''), ('ᷘ', ''), ('ᷙ', ''), ('ᷚ', ''), ('ᷛ', ''), ('ᷜ', ''), ('ᷝ', ''), ('ᷞ', ''), ('ᷟ', ''), ('ᷠ', ''), ('ᷡ', ''), ('ᷢ', ''), ('ᷣ', ''), ('ᷤ', ''), ('ᷥ', ''), ('ᷦ', ''), ('ᷧ', ''), ('ᷨ', ''), ('ᷩ', ''), ('ᷪ', ''), ('ᷫ', ''), ('ᷬ', ''), ('ᷭ', ''), ('ᷮ', ''), ('ᷯ', ''), ('ᷰ', ''), ('ᷱ', ''), ('ᷲ', ''), ('ᷳ', ''), ('ᷴ', ''), ('᷵', ''), ('᷶', ''), ('᷷', ''), ('᷸', ''), ('᷹', ''), ('᷺', ''), ('᷻', ''), ('᷼', ''), ('᷽', ''), ('᷾', ''), ('᷿', ''), ('Ḁ', 'a'), ('ḁ', 'a'), ('Ḃ', 'b'), ('ḃ', 'b'), ('Ḅ', 'b'), ('ḅ', 'b'), ('Ḇ', 'b'), ('ḇ', 'b'), ('Ḉ', 'c'), ('ḉ', 'c'), ('Ḋ', 'd'), ('ḋ', 'd'), ('Ḍ', 'd'), ('ḍ', 'd'), ('Ḏ', 'd'), ('ḏ', 'd'), ('Ḑ', 'd'), ('ḑ', 'd'), ('Ḓ', 'd'), ('ḓ', 'd'), ('Ḕ', 'e'), ('ḕ', 'e'), ('Ḗ', 'e'), ('ḗ', 'e'), ('Ḙ', 'e'), ('ḙ', 'e'), ('Ḛ', 'e'), ('ḛ', 'e'), ('Ḝ', 'e'), ('ḝ', 'e'), ('Ḟ', 'f'), ('ḟ', 'f'), ('Ḡ', 'g'), ('ḡ', 'g'), ('Ḣ', 'h'), ('ḣ', 'h'), ('Ḥ', 'h'), ('ḥ', 'h'), ('Ḧ', 'h'), ('ḧ', 'h'), ('Ḩ', 'h'), ('ḩ', 'h'), ('Ḫ', 'h'), ('ḫ', 'h'), ('Ḭ', 'i'), ('ḭ', 'i'), ('Ḯ', 'i'), ('ḯ', 'i'), ('Ḱ', 'k'), ('ḱ', 'k'), ('Ḳ', 'k'), ('ḳ', 'k'), ('Ḵ', 'k'), ('ḵ', 'k'), ('Ḷ', 'l'), ('ḷ', 'l'), ('Ḹ', 'l'), ('ḹ', 'l'), ('Ḻ', 'l'), ('ḻ', 'l'), ('Ḽ', 'l'), ('ḽ', 'l'), ('Ḿ', 'm'), ('ḿ', 'm'), ('Ṁ', 'm'), ('ṁ', 'm'), ('Ṃ', 'm'), ('ṃ', 'm'), ('Ṅ', 'n'), ('ṅ', 'n'), ('Ṇ', 'n'), ('ṇ', 'n'), ('Ṉ', 'n'), ('ṉ', 'n'), ('Ṋ', 'n'), ('ṋ', 'n'), ('Ṍ', 'o'), ('ṍ', 'o'), ('Ṏ', 'o'), ('ṏ', 'o'), ('Ṑ', 'o'), ('ṑ', 'o'), ('Ṓ', 'o'), ('ṓ', 'o'), ('Ṕ', 'p'), ('ṕ', 'p'), ('Ṗ', 'p'), ('ṗ', 'p'), ('Ṙ', 'r'), ('ṙ', 'r'), ('Ṛ', 'r'), ('ṛ', 'r'), ('Ṝ', 'r'), ('ṝ', 'r'), ('Ṟ', 'r'), ('ṟ', 'r'), ('Ṡ', 's'), ('ṡ', 's'), ('Ṣ', 's'), ('ṣ', 's'), ('Ṥ', 's'), ('ṥ', 's'), ('Ṧ', 's'), ('ṧ', 's'), ('Ṩ', 's'), ('ṩ', 's'), ('Ṫ', 't'), ('ṫ', 't'), ('Ṭ', 't'), ('ṭ', 't'), ('Ṯ', 't'), ('ṯ', 't'), ('Ṱ', 't'), ('ṱ', 't'), ('Ṳ', 'u'), ('ṳ', 'u'), ('Ṵ', 'u'), ('ṵ', 'u'), ('Ṷ', 'u'), ('ṷ', 'u'), ('Ṹ', 'u'), ('ṹ', 'u'), ('Ṻ', 'u'), ('ṻ', 'u'), ('Ṽ', 'v'), ('ṽ', 'v'), ('Ṿ', 'v'), ('ṿ', 'v'), ('Ẁ', 'w'), ('ẁ', 'w'), ('Ẃ', 'w'), ('ẃ', 'w'), ('Ẅ', 'w'), ('ẅ', 'w'), ('Ẇ', 'w'), ('ẇ', 'w'), ('Ẉ', 'w'), ('ẉ', 'w'), ('Ẋ', 'x'), ('ẋ', 'x'), ('Ẍ', 'x'), ('ẍ', 'x'), ('Ẏ', 'y'), ('ẏ', 'y'), ('Ẑ', 'z'), ('ẑ', 'z'), ('Ẓ', 'z'), ('ẓ', 'z'), ('Ẕ', 'z'), ('ẕ', 'z'), ('ẖ', 'h'), ('ẗ', 't'), ('ẘ', 'w'), ('ẙ', 'y'), ('ẚ', 'aʾ'), ('ẛ', 's'), ('ẞ', 'ss'), ('Ạ', 'a'), ('ạ', 'a'), ('Ả', 'a'), ('ả', 'a'), ('Ấ', 'a'), ('ấ', 'a'), ('Ầ', 'a'), ('ầ', 'a'), ('Ẩ', 'a'), ('ẩ', 'a'), ('Ẫ', 'a'), ('ẫ', 'a'), ('Ậ', 'a'), ('ậ', 'a'), ('Ắ', 'a'), ('ắ', 'a'), ('Ằ', 'a'), ('ằ', 'a'), ('Ẳ', 'a'), ('ẳ', 'a'), ('Ẵ', 'a'), ('ẵ', 'a'), ('Ặ', 'a'), ('ặ', 'a'), ('Ẹ', 'e'), ('ẹ', 'e'), ('Ẻ', 'e'), ('ẻ', 'e'), ('Ẽ', 'e'), ('ẽ', 'e'), ('Ế', 'e'), ('ế', 'e'), ('Ề', 'e'), ('ề', 'e'), ('Ể', 'e'), ('ể', 'e'), ('Ễ', 'e'), ('ễ', 'e'), ('Ệ', 'e'), ('ệ', 'e'), ('Ỉ', 'i'), ('ỉ', 'i'), ('Ị', 'i'), ('ị', 'i'), ('Ọ', 'o'), ('ọ', 'o'), ('Ỏ', 'o'), ('ỏ', 'o'), ('Ố', 'o'), ('ố', 'o'), ('Ồ', 'o'), ('ồ', 'o'), ('Ổ', 'o'), ('ổ', 'o'), ('Ỗ', 'o'), ('ỗ', 'o'), ('Ộ', 'o'), ('ộ', 'o'), ('Ớ', 'o'), ('ớ', 'o'), ('Ờ', 'o'), ('ờ', 'o'), ('Ở', 'o'), ('ở', 'o'), ('Ỡ', 'o'), ('ỡ', 'o'), ('Ợ', 'o'), ('ợ', 'o'), ('Ụ', 'u'), ('ụ', 'u'), ('Ủ', 'u'), ('ủ', 'u'), ('Ứ', 'u'), ('ứ', 'u'), ('Ừ', 'u'), ('ừ', 'u'), ('Ử', 'u'), ('ử', 'u'), ('Ữ', 'u'), ('ữ', 'u'), ('Ự', 'u'), ('ự', 'u'), ('Ỳ', 'y'), ('ỳ', 'y'), ('Ỵ', 'y'), ('ỵ', 'y'), ('Ỷ', 'y'), ('ỷ', 'y'), ('Ỹ', 'y'), ('ỹ', 'y'), ('Ỻ', 'ỻ'), ('Ỽ', 'ỽ'), ('Ỿ', 'ỿ'), ('ἀ', 'α'), ('ἁ', 'α'), ('ἂ', 'α'), ('ἃ', 'α'), ('ἄ', 'α'), ('ἅ', 'α'), ('ἆ', 'α'), ('ἇ', 'α'), ('Ἀ', 'α'), ('Ἁ', 'α'), ('Ἂ', 'α'), ('Ἃ', 'α'), ('Ἄ', 'α'), ('Ἅ', 'α'), ('Ἆ', 'α'), ('Ἇ', 'α'), ('ἐ', 'ε'), ('ἑ', 'ε'), ('ἒ', 'ε'), ('ἓ', 'ε'), ('ἔ', 'ε'), ('ἕ', 'ε'), ('Ἐ', 'ε'), ('Ἑ', 'ε'), ('Ἒ', 'ε'), ('Ἓ', 'ε'), ('Ἔ', 'ε'), ('Ἕ', 'ε'), ('ἠ', 'η'), ('ἡ', 'η'), ('ἢ', 'η'), ('ἣ', 'η'), ('ἤ', 'η'), ('ἥ', 'η'), ('ἦ', 'η'), ('ἧ', 'η'), ('Ἠ', 'η'), ('Ἡ', 'η'), ('Ἢ', 'η'), ('Ἣ', 'η'), ('Ἤ', 'η'), ('Ἥ', 'η'), ('Ἦ', 'η'), ('Ἧ', 'η'), ('ἰ', 'ι'), ('ἱ', 'ι'), ('ἲ', 'ι'), ('ἳ', 'ι'), ('ἴ', 'ι'), ('ἵ', 'ι'), ('ἶ', 'ι'), ('ἷ', 'ι'), ('Ἰ', 'ι'), ('Ἱ', 'ι'), ('Ἲ', 'ι'), ('Ἳ', 'ι'), ('Ἴ', 'ι'), ('Ἵ', 'ι'), ('Ἶ', 'ι'), ('Ἷ', 'ι'), ('ὀ', 'ο'), ('ὁ', 'ο'), ('ὂ', 'ο'), ('ὃ', 'ο'), ('ὄ', 'ο'), ('ὅ', 'ο'), ('Ὀ', 'ο'), ('Ὁ', 'ο'), ('Ὂ', 'ο'), ('Ὃ', 'ο'), ('Ὄ', 'ο'), ('Ὅ', 'ο'), ('ὐ', 'υ'), ('ὑ', 'υ'), ('ὒ', 'υ'), ('ὓ', 'υ'), ('ὔ', 'υ'), ('ὕ', 'υ'), ('ὖ', 'υ'), ('ὗ', 'υ'), ('Ὑ', 'υ'), ('Ὓ', 'υ'), ('Ὕ', 'υ'), ('Ὗ', 'υ'), ('ὠ', 'ω'), ('ὡ', 'ω'), ('ὢ', 'ω'), ('ὣ', 'ω'), ('ὤ', 'ω'), ('ὥ', 'ω'), ('ὦ', 'ω'), ('ὧ', 'ω'), ('Ὠ', 'ω'), ('Ὡ', 'ω'), ('Ὢ', 'ω'), ('Ὣ', 'ω'), ('Ὤ', 'ω'), ('Ὥ', 'ω'), ('Ὦ', 'ω'), ('Ὧ', 'ω'), ('ὰ', 'α'), ('ά', 'α'), ('ὲ', 'ε'), ('έ', 'ε'), ('ὴ', 'η'), ('ή', 'η'), ('ὶ', 'ι'), ('ί', 'ι'), ('ὸ', 'ο'), ('ό', 'ο'), ('ὺ', 'υ'), ('ύ', 'υ'), ('ὼ', 'ω'), ('ώ', 'ω'), ('ᾀ', 'α'), ('ᾁ', 'α'), ('ᾂ', 'α'), ('ᾃ', 'α'), ('ᾄ', 'α'), ('ᾅ', 'α'), ('ᾆ', 'α'), ('ᾇ', 'α'), ('ᾈ', 'α'), ('ᾉ', 'α'), ('ᾊ', 'α'), ('ᾋ', 'α'), ('ᾌ', 'α'), ('ᾍ', 'α'), ('ᾎ', 'α'), ('ᾏ', 'α'), ('ᾐ', 'η'), ('ᾑ', 'η'), ('ᾒ', 'η'), ('ᾓ', 'η'), ('ᾔ', 'η'), ('ᾕ', 'η'), ('ᾖ', 'η'), ('ᾗ', 'η'), ('ᾘ', 'η'), ('ᾙ', 'η'), ('ᾚ', 'η'), ('ᾛ', 'η'), ('ᾜ', 'η'), ('ᾝ', 'η'), ('ᾞ', 'η'), ('ᾟ', 'η'), ('ᾠ', 'ω'), ('ᾡ', 'ω'), ('ᾢ', 'ω'), ('ᾣ', 'ω'), ('ᾤ', 'ω'), ('ᾥ', 'ω'), ('ᾦ', 'ω'), ('ᾧ', 'ω'), ('ᾨ', 'ω'), ('ᾩ', 'ω'), ('ᾪ', 'ω'), ('ᾫ', 'ω'), ('ᾬ', 'ω'), ('ᾭ', 'ω'), ('ᾮ', 'ω'), ('ᾯ', 'ω'), ('ᾰ', 'α'), ('ᾱ', 'α'), ('ᾲ', 'α'), ('ᾳ', 'α'), ('ᾴ', 'α'), ('ᾶ', 'α'), ('ᾷ', 'α'), ('Ᾰ', 'α'), ('Ᾱ', 'α'), ('Ὰ', 'α'), ('Ά', 'α'), ('ᾼ', 'α'), ('ι', 'ι'), ('ῂ', 'η'), ('ῃ', 'η'), ('ῄ', 'η'), ('ῆ', 'η'), ('ῇ', 'η'), ('Ὲ', 'ε'), ('Έ', 'ε'), ('Ὴ', 'η'), ('Ή', 'η'), ('ῌ', 'η'), ('ῐ', 'ι'), ('ῑ', 'ι'), ('ῒ', 'ι'), ('ΐ', 'ι'), ('ῖ', 'ι'), ('ῗ', 'ι'), ('Ῐ', 'ι'), ('Ῑ', 'ι'), ('Ὶ', 'ι'), ('Ί', 'ι'), ('ῠ', 'υ'), ('ῡ', 'υ'), ('ῢ', 'υ'), ('ΰ', 'υ'), ('ῤ', 'ρ'), ('ῥ', 'ρ'), ('ῦ', 'υ'), ('ῧ', 'υ'), ('Ῠ', 'υ'), ('Ῡ', 'υ'), ('Ὺ', 'υ'), ('Ύ', 'υ'), ('Ῥ', 'ρ'), ('ῲ', 'ω'), ('ῳ', 'ω'), ('ῴ', 'ω'), ('ῶ', 'ω'), ('ῷ', 'ω'), ('Ὸ', 'ο'), ('Ό', 'ο'), ('Ὼ', 'ω'), ('Ώ', 'ω'), ('ῼ', 'ω'), ('​', ''), ('‌', ''), ('‍', ''), ('‎', ''), ('‏', ''), ('‐', '-'), ('‑', '-'), ('‒', '-'), ('–', '-'), ('—', '-'), ('―', '-'), ('‘', ''''), ('’', ''''), ('‚', ''''), ('‛', ''''), ('“', '"'), ('”', '"'), ('„', '"'), ('‟', '"'), ('⁠', ''), ('⁰', '0'), ('ⁱ', 'i'), ('⁴', '4'), ('⁵', '5'), ('⁶', '6'), ('⁷', '7'), ('⁸', '8'), ('⁹', '9'), ('ⁿ', 'n'), ('₀', '0'), ('₁', '1'), ('₂', '2'), ('₃', '3'), ('₄', '4'), ('₅', '5'), ('₆', '6'), ('₇', '7'), ('₈', '8'), ('₉', '9'), ('ₐ', 'a'), ('ₑ', 'e'), ('ₒ', 'o'), ('ₓ', 'x'), ('ₔ', 'ə'), ('ₕ', 'h'), ('ₖ', 'k'), ('ₗ', 'l'), ('ₘ', 'm'), ('ₙ', 'n'), ('ₚ', 'p'), ('ₛ', 's'), ('ₜ', 't'), ('⃐', ''), ('⃑', ''), ('⃒', ''), ('⃓', ''), ('⃔', ''), ('⃕', ''), ('⃖', ''), ('⃗', ''), ('⃘', ''), ('⃙', ''), ('⃚', ''), ('⃛', ''), ('⃜', ''), ('⃡', ''), ('⃥', ''), ('⃦', ''), ('⃧', ''), ('⃨', ''), ('⃩', ''), ('⃪', ''), ('⃫', ''), ('⃬', ''), ('⃭', ''), ('⃮', ''), ('⃯', ''), ('⃰', ''), ('ℂ', 'c'), ('ℇ', 'ɛ'), ('ℊ', 'g'), ('ℋ', 'h'), ('ℌ', 'h'), ('ℍ', 'h'), ('ℎ', 'h'), ('ℏ', 'h'), ('ℐ', 'i'), ('ℑ', 'i'), ('ℒ', 'l'), ('ℓ', 'l'), ('ℕ', 'n'), ('ℙ', 'p'), ('ℚ', 'q'), ('ℛ', 'r'), ('ℜ', 'r'), ('ℝ', 'r'), ('ℤ', 'z'), ('Ω', 'ω'), ('ℨ', 'z'), ('K', 'k'), ('Å', 'a'), ('ℬ', 'b'), ('ℭ', 'c'), ('ℯ', 'e'), ('ℰ', 'e'), ('ℱ', 'f'), ('Ⅎ', 'ⅎ'), ('ℳ', 'm'), ('ℴ', 'o'), ('ℵ', 'א'), ('ℶ', 'ב'), ('ℷ', 'ג'), ('ℸ', 'ד'), ('ℹ', 'i'), ('ℼ', 'π'), ('ℽ', 'γ'), ('ℾ', 'γ'), ('ℿ', 'π'), ('ⅅ', 'd'), ('ⅆ', 'd'), ('ⅇ', 'e'), ('ⅈ', 'i'), ('ⅉ', 'j'), ('−', '-'), ('Ⱡ', 'ⱡ'), ('Ɫ', 'ɫ'), ('Ᵽ', 'ᵽ'), ('Ɽ', 'ɽ'), ('Ⱨ', 'ⱨ'), ('Ⱪ', 'ⱪ'), ('Ⱬ', 'ⱬ'), ('Ɑ', 'ɑ'), ('Ɱ', 'ɱ'), ('Ɐ', 'ɐ'), ('Ɒ', 'ɒ'), ('Ⱳ', 'ⱳ'), ('Ⱶ', 'ⱶ'), ('ⱼ', 'j'), ('ⱽ', 'v'), ('Ȿ', 'ȿ'), ('Ɀ', 'ɀ'), ('ⷠ', ''), ('ⷡ', ''), ('ⷢ', ''), ('ⷣ', ''), ('ⷤ', ''), ('ⷥ', ''), ('ⷦ', ''), ('ⷧ', ''), ('ⷨ', ''), ('ⷩ', ''), ('ⷪ', ''), ('ⷫ', ''), ('ⷬ', ''), ('ⷭ', ''), ('ⷮ', ''), ('ⷯ', ''), ('ⷰ', ''), ('ⷱ', ''), ('ⷲ', ''), ('ⷳ', ''), ('ⷴ', ''), ('ⷵ', ''), ('ⷶ', ''), ('ⷷ', ''), ('ⷸ', ''), ('ⷹ', ''), ('ⷺ', ''), ('ⷻ', ''), ('ⷼ', ''), ('ⷽ', ''), ('ⷾ', ''), ('ⷿ', ''), ('Ꙁ', 'ꙁ'), ('Ꙃ', 'ꙃ'), ('Ꙅ', 'ꙅ'), ('Ꙇ', 'ꙇ'), ('Ꙉ', 'ꙉ'), ('Ꙋ', 'ꙋ'), ('Ꙍ', 'ꙍ'), ('Ꙏ', 'ꙏ'), ('Ꙑ', 'ꙑ'), ('Ꙓ', 'ꙓ'), ('Ꙕ', 'ꙕ'), ('Ꙗ', 'ꙗ'), ('Ꙙ', 'ꙙ'), ('Ꙛ', 'ꙛ'), ('Ꙝ', 'ꙝ'), ('Ꙟ', 'ꙟ'), ('Ꙡ', 'ꙡ'), ('Ꙣ', 'ꙣ'), ('Ꙥ', 'ꙥ'), ('Ꙧ', 'ꙧ'), ('Ꙩ', 'ꙩ'), ('Ꙫ', 'ꙫ'), ('Ꙭ', 'ꙭ'), ('꙯', ''), ('ꙴ', ''), ('ꙵ', ''), ('ꙶ', ''), ('ꙷ', ''), ('ꙸ', ''), ('ꙹ', ''), ('ꙺ', ''), ('ꙻ', ''), ('꙼', ''), ('꙽', ''), ('Ꚁ', 'ꚁ'), ('Ꚃ', 'ꚃ'), ('Ꚅ', 'ꚅ'), ('Ꚇ', 'ꚇ'), ('Ꚉ', 'ꚉ'), ('Ꚋ', 'ꚋ'), ('Ꚍ', 'ꚍ'), ('Ꚏ', 'ꚏ'), ('Ꚑ', 'ꚑ'), ('Ꚓ', 'ꚓ'), ('Ꚕ', 'ꚕ'), ('Ꚗ', 'ꚗ'), ('Ꚙ', 'ꚙ'), ('Ꚛ', 'ꚛ'), ('ꚜ', 'ъ'), ('ꚝ', 'ь'), ('ꚞ', ''), ('ꚟ', ''), ('ﬀ', 'ff'), ('ﬁ', 'fi'), ('ﬂ', 'fl'), ('ﬃ', 'ffi'), ('ﬄ', 'ffl'), ('ﬅ', 'st'), ('ﬆ', 'st'), ('יִ', 'י'), ('ﬞ', ''), ('ײַ', 'ײ'), ('ﬠ', 'ע'), ('ﬡ', 'א'), ('ﬢ', 'ד'), ('ﬣ', 'ה'), ('ﬤ', 'כ'), ('ﬥ', 'ל'), ('ﬦ', 'ם'), ('ﬧ', 'ר'), ('ﬨ', 'ת'), ('שׁ', 'ש'), ('שׂ', 'ש'), ('שּׁ', 'ש'), ('שּׂ', 'ש'), ('אַ', 'א'), ('אָ', 'א'), ('אּ', 'א'), ('בּ', 'ב'), ('גּ', 'ג'), ('דּ', 'ד'), ('הּ', 'ה'), ('וּ', 'ו'), ('זּ', 'ז'), ('טּ', 'ט'), ('יּ', 'י'), ('ךּ', 'ך'), ('כּ', 'כ'), ('לּ', 'ל'), ('מּ', 'מ'), ('נּ', 'נ'), ('סּ', 'ס'), ('ףּ', 'ף'), ('פּ', 'פ'), ('צּ', 'צ'), ('קּ', 'ק'), ('רּ', 'ר'), ('שּ', 'ש'), ('תּ', 'ת'), ('וֹ', 'ו'), ('בֿ', 'ב'), ('כֿ', 'כ'), ('פֿ', 'פ'), ('ﭏ', 'אל'), ('﻿', ''), ('０', '0'), ('１', '1'), ('２', '2'), ('３', '3'), ('４', '4'), ('５', '5'), ('６', '6'), ('７', '7'), ('８', '8'), ('９', '9'), ('Ａ', 'a'), ('Ｂ', 'b'), ('Ｃ', 'c'), ('Ｄ', 'd'), ('Ｅ', 'e'), ('Ｆ', 'f'), ('Ｇ', 'g'), ('Ｈ', 'h'), ('Ｉ', 'i'), ('Ｊ', 'j'), ('Ｋ', 'k'), ('Ｌ', 'l'), ('Ｍ', 'm'), ('Ｎ', 'n'), ('Ｏ', 'o'), ('Ｐ', 'p'), ('Ｑ', 'q'), ('Ｒ', 'r'), ('Ｓ', 's'), ('Ｔ', 't'), ('Ｕ', 'u'), ('Ｖ', 'v'), ('Ｗ', 'w'), ('Ｘ', 'x'), ('Ｙ', 'y'), ('Ｚ', 'z'), ('ａ', 'a'), ('ｂ', 'b'), ('ｃ', 'c'), ('ｄ', 'd'), ('ｅ', 'e'), ('ｆ', 'f'), ('ｇ', 'g'), ('ｈ', 'h'), ('ｉ', 'i'), ('ｊ', 'j'), ('ｋ', 'k'), ('ｌ', 'l'), ('ｍ', 'm'), ('ｎ', 'n'), ('ｏ', 'o'), ('ｐ', 'p'), ('ｑ', 'q'), ('ｒ', 'r'), ('ｓ', 's'), ('ｔ', 't'), ('ｕ', 'u'), ('ｖ', 'v'), ('ｗ', 'w'), ('ｘ', 'x'), ('ｙ', 'y'), ('ｚ', 'z');
CREATE INDEX ix_action_actor ON action (actor, id);
CREATE INDEX ix_action_lead_id ON action (lead_id);
CREATE INDEX ix_company_batch_id ON company (batch_id);
CREATE INDEX ix_remote_link_remote ON remote_link (system, remote_id);
CREATE INDEX ix_usage_event_identity_at ON usage_event (identity_id, at);
CREATE INDEX ix_action_row_action_id ON action_row (action_id);
CREATE INDEX ix_batch_row_batch_id ON batch_row (batch_id);
CREATE INDEX ix_company_key_company_id ON company_key (company_id);
CREATE INDEX ix_lead_batch_id ON lead (batch_id);
CREATE INDEX ix_lead_due_at ON lead (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_lead_lease ON lead (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ix_lead_signup ON lead (signed_up_at);
CREATE INDEX ix_lead_until ON lead (state_until) WHERE state_until IS NOT NULL;
CREATE INDEX ix_claim_lead_id ON claim (lead_id);
CREATE INDEX ix_handoff_lead_id ON handoff (lead_id);
CREATE INDEX ix_identity_batch_id ON identity (batch_id);
CREATE INDEX ix_identity_company_id ON identity (company_id);
CREATE INDEX ix_identity_follows ON identity (follows);
CREATE INDEX ix_identity_lead_id ON identity (lead_id);
CREATE INDEX ix_merge_loser_id ON merge (loser_id);
CREATE INDEX ix_merge_survivor_id ON merge (survivor_id);
CREATE INDEX ix_note_lead_id ON note (lead_id);
CREATE INDEX ix_score_event_lead_id ON score_event (lead_id);
CREATE INDEX ix_submission_batch_id ON submission (batch_id);
CREATE INDEX ix_submission_glm_content ON submission (glm_content);
CREATE INDEX ix_submission_lead_id ON submission (lead_id);
CREATE INDEX ix_suggestion_other_id ON suggestion (other_id);
CREATE INDEX ix_task_due_at ON task (due_at);
CREATE INDEX ix_task_lead_id ON task (lead_id);
CREATE INDEX ix_trial_batch_id ON trial (batch_id);
CREATE INDEX ix_event_set_aside_batch_id ON event_set_aside (batch_id);
CREATE INDEX ix_event_set_aside_identity_id ON event_set_aside (identity_id);
CREATE INDEX ix_hop_submission_id ON hop (submission_id);
CREATE INDEX ix_identity_link_identity_id ON identity_link (identity_id);
CREATE INDEX ix_outbox_item_due ON outbox_item (state, next_attempt_at);
CREATE INDEX ix_outbox_item_handoff_id ON outbox_item (handoff_id);
CREATE INDEX ix_outbox_item_lead_id ON outbox_item (lead_id);
CREATE INDEX ix_lead_listed ON lead (is_listed, score DESC, active_order DESC, id);
CREATE INDEX ix_lead_state ON lead (state, score DESC, active_order DESC, id);
CREATE INDEX ix_lead_source ON lead (is_open, source, score DESC, active_order DESC, id);
CREATE TRIGGER lead_fts_insert AFTER INSERT ON lead BEGIN INSERT INTO lead_fts(rowid, name, email, company_name, domain) VALUES (new.id, new.name, new.email, new.company_name, new.domain); END;
CREATE TRIGGER lead_fts_delete AFTER DELETE ON lead BEGIN INSERT INTO lead_fts(lead_fts, rowid, name, email, company_name, domain) VALUES ('delete', old.id, old.name, old.email, old.company_name, old.domain); END;
CREATE TRIGGER lead_fts_update AFTER UPDATE OF name, email, company_name, domain ON lead WHEN (old.name, old.email, old.company_name, old.domain) IS NOT (new.name, new.email, new.company_name, new.domain) BEGIN INSERT INTO lead_fts(lead_fts, rowid, name, email, company_name, domain) VALUES ('delete', old.id, old.name, old.email, old.company_name, old.domain); INSERT INTO lead_fts(rowid, name, email, company_name, domain) VALUES (new.id, new.name, new.email, new.company_name, new.domain); END;
CREATE INDEX ix_action_bulk ON action (bulk);
CREATE INDEX ix_lead_placement ON lead (is_open, placement, score DESC, active_order DESC, id) WHERE placement IS NOT NULL;
CREATE INDEX ix_lead_plan ON lead (is_open, "plan", score DESC, active_order DESC, id) WHERE plan IS NOT NULL;
CREATE INDEX ix_handoff_draft_lead_id ON handoff_draft (lead_id);
CREATE INDEX ix_trial_undecided ON trial (ends_at) WHERE outcome IS NULL;
CREATE INDEX ix_notice_lead_id ON notice (lead_id);
CREATE INDEX ix_notice_rep_read_at ON notice (rep, read_at);
CREATE INDEX ix_lead_hand_raise ON lead (is_open, score DESC, active_order DESC, id, hand_raised_at) WHERE hand_raised_at IS NOT NULL;
CREATE INDEX ix_raw_page_waiting ON raw_page (id) WHERE done < items;
CREATE INDEX ix_raw_page_source_id ON raw_page (source, id);
CREATE INDEX ix_refused_call_page_id ON refused_call (page_id);
CREATE INDEX ix_conflict_record ON "conflict" (system, kind, local_id);
CREATE INDEX ix_conflict_lead_id ON "conflict" (lead_id);
CREATE INDEX ix_conflict_open ON "conflict" (id) WHERE decision IS NULL;
CREATE INDEX ix_placement_report_last_at ON placement_report (last_at);
CREATE INDEX ix_route_turn_lead_id ON route_turn (lead_id);
CREATE INDEX ix_route_turn_retry_at ON route_turn (retry_at) WHERE retry_at IS NOT NULL;
CREATE TRIGGER lead_count_insert AFTER INSERT ON lead BEGIN UPDATE lead_count SET n = n + 1 WHERE (is_open, is_listed, owned) = (new.is_open, new.is_listed, new.owner IS NOT NULL); END;
CREATE TRIGGER lead_count_delete AFTER DELETE ON lead BEGIN UPDATE lead_count SET n = n - 1 WHERE (is_open, is_listed, owned) = (old.is_open, old.is_listed, old.owner IS NOT NULL); END;
CREATE TRIGGER lead_count_update AFTER UPDATE OF state, excluded, owner ON lead WHEN (old.is_open, old.is_listed, old.owner IS NOT NULL) IS NOT (new.is_open, new.is_listed, new.owner IS NOT NULL) BEGIN UPDATE lead_count SET n = n - 1 WHERE (is_open, is_listed, owned) = (old.is_open, old.is_listed, old.owner IS NOT NULL); UPDATE lead_count SET n = n + 1 WHERE (is_open, is_listed, owned) = (new.is_open, new.is_listed, new.owner IS NOT NULL); END;
CREATE INDEX ix_lead_short_name ON lead (name) WHERE length(name) < 3;
CREATE INDEX ix_lead_short_company_name ON lead (company_name) WHERE length(company_name) < 3;
CREATE INDEX ix_trial_lead_id ON trial (lead_id, starts_at);
CREATE INDEX ix_trial_company_id ON trial (company_id, starts_at);
CREATE INDEX ix_usage_event_taken_back ON usage_event (identity_id, at) WHERE quantity < 0;
CREATE INDEX ix_lead_open ON lead (is_open, score DESC, active_order DESC, id, owner);
CREATE INDEX ix_lead_owner ON lead (is_open, owner, score DESC, active_order DESC, id) WHERE owner IS NOT NULL;
CREATE INDEX ix_trial_ends_at ON trial (ends_at, lead_id, company_id, starts_at, ends_date_only, converted_at, closed_at, source_state);
CREATE INDEX ix_lead_company_id ON lead (company_id, is_open, is_listed, score, activation, last_active_at, owner);
CREATE INDEX lead_plain_short_name ON lead_plain (name) WHERE length(name) < 3;
CREATE INDEX lead_plain_short_company_name ON lead_plain (company_name) WHERE length(company_name) < 3;
CREATE TRIGGER lead_plain_insert AFTER INSERT ON lead WHEN (length(CAST(new.name AS BLOB)) > length(new.name) OR length(CAST(new.email AS BLOB)) > length(new.email) OR length(CAST(new.company_name AS BLOB)) > length(new.company_name) OR length(CAST(new.domain AS BLOB)) > length(new.domain) OR length(CAST(new.job_title AS BLOB)) > length(new.job_title) OR length(CAST(new.country AS BLOB)) > length(new.country) OR length(CAST(new.region AS BLOB)) > length(new.region)) BEGIN INSERT INTO lead_plain SELECT new.id, CASE WHEN length(CAST(new.name AS BLOB)) > length(new.name) THEN (SELECT group_concat(coalesce(l.plain, substr(new.name, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.name) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.name, n.key + 1, 1)) ELSE lower(new.name) END, CASE WHEN length(CAST(new.email AS BLOB)) > length(new.email) THEN (SELECT group_concat(coalesce(l.plain, substr(new.email, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.email) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.email, n.key + 1, 1)) ELSE lower(new.email) END, CASE WHEN length(CAST(new.company_name AS BLOB)) > length(new.company_name) THEN (SELECT group_concat(coalesce(l.plain, substr(new.company_name, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.company_name) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.company_name, n.key + 1, 1)) ELSE lower(new.company_name) END, CASE WHEN length(CAST(new.domain AS BLOB)) > length(new.domain) THEN (SELECT group_concat(coalesce(l.plain, substr(new.domain, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.domain) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.domain, n.key + 1, 1)) ELSE lower(new.domain) END, CASE WHEN length(CAST(new.job_title AS BLOB)) > length(new.job_title) THEN (SELECT group_concat(coalesce(l.plain, substr(new.job_title, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.job_title) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.job_title, n.key + 1, 1)) ELSE lower(new.job_title) END, CASE WHEN length(CAST(new.country AS BLOB)) > length(new.country) THEN (SELECT group_concat(coalesce(l.plain, substr(new.country, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.country) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.country, n.key + 1, 1)) ELSE lower(new.country) END, CASE WHEN length(CAST(new.region AS BLOB)) > length(new.region) THEN (SELECT group_concat(coalesce(l.plain, substr(new.region, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.region) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.region, n.key + 1, 1)) ELSE lower(new.region) END WHERE (length(CAST(new.name AS BLOB)) > length(new.name) OR length(CAST(new.email AS BLOB)) > length(new.email) OR length(CAST(new.company_name AS BLOB)) > length(new.company_name) OR length(CAST(new.domain AS BLOB)) > length(new.domain) OR length(CAST(new.job_title AS BLOB)) > length(new.job_title) OR length(CAST(new.country AS BLOB)) > length(new.country) OR length(CAST(new.region AS BLOB)) > length(new.region)); END;
CREATE TRIGGER lead_plain_delete AFTER DELETE ON lead WHEN (length(CAST(old.name AS BLOB)) > length(old.name) OR length(CAST(old.email AS BLOB)) > length(old.email) OR length(CAST(old.company_name AS BLOB)) > length(old.company_name) OR length(CAST(old.domain AS BLOB)) > length(old.domain) OR length(CAST(old.job_title AS BLOB)) > length(old.job_title) OR length(CAST(old.country AS BLOB)) > length(old.country) OR length(CAST(old.region AS BLOB)) > length(old.region)) BEGIN DELETE FROM lead_plain WHERE lead_id = old.id; END;
CREATE TRIGGER lead_plain_update AFTER UPDATE OF name, email, company_name, domain, job_title, country, region ON lead WHEN (old.name, old.email, old.company_name, old.domain, old.job_title, old.country, old.region) IS NOT (new.name, new.email, new.company_name, new.domain, new.job_title, new.country, new.region) AND ((length(CAST(old.name AS BLOB)) > length(old.name) OR length(CAST(old.email AS BLOB)) > length(old.email) OR length(CAST(old.company_name AS BLOB)) > length(old.company_name) OR length(CAST(old.domain AS BLOB)) > length(old.domain) OR length(CAST(old.job_title AS BLOB)) > length(old.job_title) OR length(CAST(old.country AS BLOB)) > length(old.country) OR length(CAST(old.region AS BLOB)) > length(old.region)) OR (length(CAST(new.name AS BLOB)) > length(new.name) OR length(CAST(new.email AS BLOB)) > length(new.email) OR length(CAST(new.company_name AS BLOB)) > length(new.company_name) OR length(CAST(new.domain AS BLOB)) > length(new.domain) OR length(CAST(new.job_title AS BLOB)) > length(new.job_title) OR length(CAST(new.country AS BLOB)) > length(new.country) OR length(CAST(new.region AS BLOB)) > length(new.region))) BEGIN DELETE FROM lead_plain WHERE lead_id = old.id; INSERT INTO lead_plain SELECT new.id, CASE WHEN length(CAST(new.name AS BLOB)) > length(new.name) THEN (SELECT group_concat(coalesce(l.plain, substr(new.name, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.name) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.name, n.key + 1, 1)) ELSE lower(new.name) END, CASE WHEN length(CAST(new.email AS BLOB)) > length(new.email) THEN (SELECT group_concat(coalesce(l.plain, substr(new.email, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.email) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.email, n.key + 1, 1)) ELSE lower(new.email) END, CASE WHEN length(CAST(new.company_name AS BLOB)) > length(new.company_name) THEN (SELECT group_concat(coalesce(l.plain, substr(new.company_name, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.company_name) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.company_name, n.key + 1, 1)) ELSE lower(new.company_name) END, CASE WHEN length(CAST(new.domain AS BLOB)) > length(new.domain) THEN (SELECT group_concat(coalesce(l.plain, substr(new.domain, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.domain) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.domain, n.key + 1, 1)) ELSE lower(new.domain) END, CASE WHEN length(CAST(new.job_title AS BLOB)) > length(new.job_title) THEN (SELECT group_concat(coalesce(l.plain, substr(new.job_title, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.job_title) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.job_title, n.key + 1, 1)) ELSE lower(new.job_title) END, CASE WHEN length(CAST(new.country AS BLOB)) > length(new.country) THEN (SELECT group_concat(coalesce(l.plain, substr(new.country, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.country) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.country, n.key + 1, 1)) ELSE lower(new.country) END, CASE WHEN length(CAST(new.region AS BLOB)) > length(new.region) THEN (SELECT group_concat(coalesce(l.plain, substr(new.region, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.region) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.region, n.key + 1, 1)) ELSE lower(new.region) END WHERE (length(CAST(new.name AS BLOB)) > length(new.name) OR length(CAST(new.email AS BLOB)) > length(new.email) OR length(CAST(new.company_name AS BLOB)) > length(new.company_name) OR length(CAST(new.domain AS BLOB)) > length(new.domain) OR length(CAST(new.job_title AS BLOB)) > length(new.job_title) OR length(CAST(new.country AS BLOB)) > length(new.country) OR length(CAST(new.region AS BLOB)) > length(new.region)); END;
CREATE TRIGGER company_plain_insert AFTER INSERT ON company WHEN (length(CAST(new.name AS BLOB)) > length(new.name) OR length(CAST(new.domain AS BLOB)) > length(new.domain)) BEGIN INSERT INTO company_plain SELECT new.id, CASE WHEN length(CAST(new.name AS BLOB)) > length(new.name) THEN (SELECT group_concat(coalesce(l.plain, substr(new.name, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.name) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.name, n.key + 1, 1)) ELSE lower(new.name) END, CASE WHEN length(CAST(new.domain AS BLOB)) > length(new.domain) THEN (SELECT group_concat(coalesce(l.plain, substr(new.domain, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.domain) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.domain, n.key + 1, 1)) ELSE lower(new.domain) END WHERE (length(CAST(new.name AS BLOB)) > length(new.name) OR length(CAST(new.domain AS BLOB)) > length(new.domain)); END;
CREATE TRIGGER company_plain_delete AFTER DELETE ON company WHEN (length(CAST(old.name AS BLOB)) > length(old.name) OR length(CAST(old.domain AS BLOB)) > length(old.domain)) BEGIN DELETE FROM company_plain WHERE company_id = old.id; END;
CREATE TRIGGER company_plain_update AFTER UPDATE OF name, domain ON company WHEN (old.name, old.domain) IS NOT (new.name, new.domain) AND ((length(CAST(old.name AS BLOB)) > length(old.name) OR length(CAST(old.domain AS BLOB)) > length(old.domain)) OR (length(CAST(new.name AS BLOB)) > length(new.name) OR length(CAST(new.domain AS BLOB)) > length(new.domain))) BEGIN DELETE FROM company_plain WHERE company_id = old.id; INSERT INTO company_plain SELECT new.id, CASE WHEN length(CAST(new.name AS BLOB)) > length(new.name) THEN (SELECT group_concat(coalesce(l.plain, substr(new.name, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.name) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.name, n.key + 1, 1)) ELSE lower(new.name) END, CASE WHEN length(CAST(new.domain AS BLOB)) > length(new.domain) THEN (SELECT group_concat(coalesce(l.plain, substr(new.domain, n.key + 1, 1)), '') FROM json_each('[0' || replace(hex(zeroblob(length(new.domain) - 1)), '00', ',0') || ']') n LEFT JOIN plain_letter l ON l.letter = substr(new.domain, n.key + 1, 1)) ELSE lower(new.domain) END WHERE (length(CAST(new.name AS BLOB)) > length(new.name) OR length(CAST(new.domain AS BLOB)) > length(new.domain)); END;
CREATE TRIGGER lead_fts_plain_insert AFTER INSERT ON lead_plain BEGIN INSERT INTO lead_fts_plain(rowid, name, email, company_name, domain) VALUES (new.lead_id, new.name, new.email, new.company_name, new.domain); END;
CREATE TRIGGER lead_fts_plain_delete AFTER DELETE ON lead_plain BEGIN INSERT INTO lead_fts_plain(lead_fts_plain, rowid, name, email, company_name, domain) VALUES ('delete', old.lead_id, old.name, old.email, old.company_name, old.domain); END;
