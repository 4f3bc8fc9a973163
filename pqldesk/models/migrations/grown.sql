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
INSERT INTO "alembic_version" VALUES ('0021');
INSERT INTO "lead_count" VALUES (0, 0, 0, 0);
INSERT INTO "lead_count" VALUES (0, 0, 1, 0);
INSERT INTO "lead_count" VALUES (0, 1, 0, 0);
INSERT INTO "lead_count" VALUES (0, 1, 1, 0);
INSERT INTO "lead_count" VALUES (1, 0, 0, 0);
INSERT INTO "lead_count" VALUES (1, 0, 1, 0);
INSERT INTO "lead_count" VALUES (1, 1, 0, 0);
INSERT INTO "lead_count" VALUES (1, 1, 1, 0);
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
