-- What grants cannot say. Every function names its schema, so that a temporary table cannot stand in for one of ours.
-- :'database', :'owner', :'rep', :'manager' and :'admin' are put in as text.

CREATE OR REPLACE FUNCTION public.pqldesk_rank() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN session_user = :'owner' OR (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN 'owner'
        WHEN pg_has_role(session_user, :'admin', 'MEMBER') THEN 'admin'
        WHEN pg_has_role(session_user, :'manager', 'MEMBER') THEN 'manager'
        WHEN pg_has_role(session_user, :'rep', 'MEMBER') THEN 'rep'
    END
$$;

CREATE OR REPLACE FUNCTION public.pqldesk_me() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT lower(email) FROM public.member WHERE login = session_user
$$;

CREATE OR REPLACE FUNCTION public.pqldesk_refuse(key text, about text DEFAULT '') RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'PQ403', MESSAGE = key, DETAIL = coalesce(about, '');
END $$;

CREATE OR REPLACE FUNCTION public.pqldesk_now() RETURNS bigint LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
$$;

-- Somebody else's claim that has not lapsed by the server's clock.
CREATE OR REPLACE FUNCTION public.pqldesk_is_anothers(owner text, lease_until bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT owner IS NOT NULL AND lower(owner) IS DISTINCT FROM public.pqldesk_me()
       AND (lease_until IS NULL OR lease_until > public.pqldesk_now())
$$;

CREATE OR REPLACE FUNCTION public.pqldesk_lead_is_anothers(number bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT public.pqldesk_is_anothers(owner, lease_until) FROM public.lead WHERE id = number), false)
$$;

-- Whether I added that lead: only the transaction that made a lead can say so, see pqldesk_guard_action.
CREATE OR REPLACE FUNCTION public.pqldesk_i_added(number bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.action
                   WHERE lead_id = number AND name = 'added' AND lower(actor) = public.pqldesk_me())
$$;

-- Whether that is what time alone made of a lead that was put to sleep, as services/lead_states.py has it: awake in the
-- hands it was in, with a lease from the end of its sleep; or free again where that lease has lapsed too. Whoever's program
-- looks first brings it about.
CREATE OR REPLACE FUNCTION public.pqldesk_is_woken(was public.lead, becomes public.lead) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lease bigint := 86400000000 * coalesce(
        (SELECT value::bigint FROM public.setting WHERE key = 'lease_days'), 7);
BEGIN
    IF was.state NOT IN ('snoozed', 'nurture') OR coalesce(was.state_until > public.pqldesk_now(), true)
       OR becomes.state_before IS NOT NULL OR becomes.state_until IS NOT NULL
       OR (was.outcome, was.outcome_at, was.deal_value, was.state_reason, was.merged_into, was.email) IS DISTINCT FROM
          (becomes.outcome, becomes.outcome_at, becomes.deal_value, becomes.state_reason, becomes.merged_into,
           becomes.email) THEN
        RETURN false;
    END IF;
    IF becomes.owner IS NULL THEN
        RETURN becomes.state IN ('new', 'qualified') AND was.state_before IS DISTINCT FROM 'handed_off'
           AND was.state_until + lease <= public.pqldesk_now();
    END IF;
    RETURN (was.owner, was.claimed_at) IS NOT DISTINCT FROM (becomes.owner, becomes.claimed_at) AND CASE
        WHEN was.state_before = 'handed_off' THEN becomes.state = 'handed_off' AND becomes.lease_until IS NULL
        ELSE becomes.state IN ('claimed', 'working') AND becomes.lease_until = was.state_until + lease END;
END $$;

CREATE OR REPLACE FUNCTION public.pqldesk_guard_lead() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    days bigint;
BEGIN
    IF public.pqldesk_rank() IS DISTINCT FROM 'rep' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF NOT public.pqldesk_i_added(OLD.id) THEN
            PERFORM public.pqldesk_refuse('not_added_by_you', OLD.name);
        END IF;
        RETURN OLD;
    END IF;
    IF public.pqldesk_is_anothers(OLD.owner, OLD.lease_until) AND NOT public.pqldesk_is_woken(OLD, NEW) THEN
        PERFORM public.pqldesk_refuse('anothers_claim', OLD.owner);
    END IF;
    IF NEW.state = 'erased' OR OLD.state = 'erased' THEN
        PERFORM public.pqldesk_refuse('only_admins');
    END IF;
    IF NEW.owner IS NOT NULL AND NEW.lease_until IS DISTINCT FROM OLD.lease_until THEN
        SELECT coalesce((SELECT value::bigint FROM public.setting WHERE key = 'lease_days'), 7) INTO days;
        IF NEW.lease_until > public.pqldesk_now() + (days + 1) * 86400000000 THEN
            PERFORM public.pqldesk_refuse('lease_too_long');
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER pqldesk_guard_update BEFORE UPDATE ON public.lead FOR EACH ROW
WHEN ((OLD.owner, OLD.claimed_at, OLD.lease_until, OLD.outcome, OLD.outcome_at, OLD.deal_value, OLD.state_before,
       OLD.state_until, OLD.state_reason, OLD.merged_into, OLD.email)
      IS DISTINCT FROM
      (NEW.owner, NEW.claimed_at, NEW.lease_until, NEW.outcome, NEW.outcome_at, NEW.deal_value, NEW.state_before,
       NEW.state_until, NEW.state_reason, NEW.merged_into, NEW.email)
      OR (OLD.state <> NEW.state AND NOT (OLD.state = 'claimed' AND NEW.state = 'working')))
EXECUTE FUNCTION public.pqldesk_guard_lead();
CREATE OR REPLACE TRIGGER pqldesk_guard_delete BEFORE DELETE ON public.lead FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_lead();

-- A lead comes in nobody's hands and undecided, or, where its adding is done again, in those of whoever adds it. What a file
-- or another system says of it is written by an update, as of any other lead.
CREATE OR REPLACE FUNCTION public.pqldesk_guard_new() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    days bigint;
BEGIN
    IF public.pqldesk_rank() IS DISTINCT FROM 'rep' THEN
        RETURN NEW;
    END IF;
    IF NEW.owner IS NOT NULL AND lower(NEW.owner) IS DISTINCT FROM public.pqldesk_me() THEN
        PERFORM public.pqldesk_refuse('not_your_name', NEW.owner);
    END IF;
    SELECT coalesce((SELECT value::bigint FROM public.setting WHERE key = 'lease_days'), 7) INTO days;
    IF NEW.lease_until > public.pqldesk_now() + (days + 1) * 86400000000 THEN
        PERFORM public.pqldesk_refuse('lease_too_long');
    END IF;
    IF NEW.state NOT IN ('new', 'qualified', 'claimed', 'working') OR num_nonnulls(
           NEW.outcome, NEW.outcome_at, NEW.deal_value, NEW.state_before, NEW.state_until, NEW.merged_into) > 0 THEN
        PERFORM public.pqldesk_refuse('new_and_decided', NEW.name);
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER pqldesk_guard_new BEFORE INSERT ON public.lead FOR EACH ROW
WHEN (num_nonnulls(NEW.owner, NEW.claimed_at, NEW.lease_until, NEW.outcome, NEW.outcome_at, NEW.deal_value,
                   NEW.state_before, NEW.state_until, NEW.merged_into) > 0 OR NEW.state NOT IN ('new', 'qualified'))
EXECUTE FUNCTION public.pqldesk_guard_new();

-- A claim is looked at once the transaction is whole: its lead says who has it.
CREATE OR REPLACE FUNCTION public.pqldesk_guard_claim() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    has_it text;
BEGIN
    IF public.pqldesk_rank() IS DISTINCT FROM 'rep' THEN
        RETURN NULL;
    END IF;
    SELECT lower(owner) INTO has_it FROM public.lead WHERE id = coalesce(NEW.lead_id, OLD.lead_id);
    IF TG_OP = 'INSERT' THEN
        IF lower(NEW.rep) <> public.pqldesk_me() AND lower(NEW.rep) IS DISTINCT FROM has_it THEN
            PERFORM public.pqldesk_refuse('anothers_claim', NEW.rep);
        END IF;
    ELSIF lower(OLD.rep) <> public.pqldesk_me() AND (TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
                                                     OR lower(OLD.rep) IS NOT DISTINCT FROM has_it) THEN
        PERFORM public.pqldesk_refuse('anothers_claim', OLD.rep);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS pqldesk_guard ON public.claim;
CREATE CONSTRAINT TRIGGER pqldesk_guard AFTER INSERT OR UPDATE OR DELETE ON public.claim
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.pqldesk_guard_claim();

-- History: everybody signs with their own name; what a program does by rule has a name without an @.
CREATE OR REPLACE FUNCTION public.pqldesk_guard_action() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rank text := public.pqldesk_rank();
    signed text;
BEGIN
    IF rank = 'owner' OR current_user = :'owner' THEN  -- as whom the functions that erase run
        RETURN NEW;
    END IF;
    IF TG_TABLE_NAME = 'action_row' THEN
        SELECT lower(actor) INTO signed FROM public.action WHERE id = NEW.action_id;
    ELSE
        signed := lower(NEW.actor);
    END IF;
    IF signed IS DISTINCT FROM public.pqldesk_me()
       AND NOT (position('@' IN coalesce(signed, '@')) = 0 AND (rank <> 'rep' OR signed = 'pqldesk')) THEN
        PERFORM public.pqldesk_refuse('not_your_name', signed);
    END IF;
    IF TG_TABLE_NAME = 'action' AND TG_OP = 'INSERT' AND rank = 'rep' THEN
        IF NEW.name = 'added' AND NOT EXISTS (
            -- a row that is seen and whose transaction is still under way is of this transaction
            SELECT 1 FROM public.lead WHERE id = NEW.lead_id AND pg_xact_status(
                (((pg_current_xact_id()::text::bigint >> 32) << 32) + xmin::text::bigint)::text::xid8) = 'in progress'
        ) THEN
            PERFORM public.pqldesk_refuse('not_added_by_you', '');
        END IF;
    END IF;
    IF TG_TABLE_NAME = 'action' THEN  -- when it happened the server knows; the owner brings archives, and keeps their times
        IF TG_OP = 'INSERT' THEN
            NEW.at := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;  -- a call of pqldesk_now() takes six times as long
        ELSIF NEW.undone_at IS NOT NULL THEN
            NEW.undone_at := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE ON public.action FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_action();
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT ON public.action_row FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_action();

-- What people wrote is theirs: its column of names is the trigger's argument.
CREATE OR REPLACE FUNCTION public.pqldesk_guard_own() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rank text := public.pqldesk_rank();
    was jsonb := to_jsonb(OLD);
    before text := lower(was ->> TG_ARGV[0]);
    after text := lower(to_jsonb(NEW) ->> TG_ARGV[0]);
    mine text := public.pqldesk_me();
BEGIN
    IF rank = 'owner' OR (TG_OP <> 'INSERT' AND rank <> 'rep') THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP <> 'DELETE' AND after IS DISTINCT FROM before AND after IS DISTINCT FROM mine
       AND position('@' IN coalesce(after, '')) > 0 THEN
        PERFORM public.pqldesk_refuse('not_your_name', after);
    END IF;
    IF TG_OP <> 'INSERT' AND before IS DISTINCT FROM mine AND position('@' IN coalesce(before, '')) > 0 THEN
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'task' AND (
            lower(was ->> 'assignee') = mine
            OR (SELECT lower(owner) FROM public.lead WHERE id = (was ->> 'lead_id')::bigint) = mine
        ) THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'handoff'
           AND to_jsonb(OLD) - 'held' = to_jsonb(NEW) - 'held' THEN
            RETURN NEW;  -- whoever delivers says why it waits
        END IF;
        IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'lead_id' = to_jsonb(NEW) - 'lead_id' THEN
            RETURN NEW;  -- a merge takes it along
        END IF;
        PERFORM public.pqldesk_refuse('anothers', before);
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE OR DELETE ON public.note FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_own('author');
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE OR DELETE ON public.task FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_own('created_by');
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE OR DELETE ON public.handoff FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_own('created_by');
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE OR DELETE ON public.handoff_draft FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_own('rep');
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE OR DELETE ON public.saved_view FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_own('owner');
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE OR DELETE ON public.view_layout FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_own('rep');
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE OR DELETE ON public.notice FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_own('rep');

-- Handing off is for who has the lead; what a playbook writes an admin has approved. Who decides a conflict writes a field.
CREATE OR REPLACE FUNCTION public.pqldesk_guard_handoff() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF public.pqldesk_rank() IS DISTINCT FROM 'rep' OR NEW.playbook = 'conflict' THEN
        RETURN NEW;
    END IF;
    IF position('@' IN NEW.created_by) > 0 AND NEW.playbook = 'handoff' THEN
        IF public.pqldesk_lead_is_anothers(NEW.lead_id) THEN
            PERFORM public.pqldesk_refuse('anothers_claim', (SELECT owner FROM public.lead WHERE id = NEW.lead_id));
        END IF;
    ELSIF position('@' IN NEW.created_by) > 0 OR NOT EXISTS (
        SELECT 1 FROM public.playbook
        WHERE name = NEW.playbook AND system = NEW.system AND approved_at IS NOT NULL) THEN
        PERFORM public.pqldesk_refuse('only_admins', NEW.playbook);
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER pqldesk_guard_new BEFORE INSERT ON public.handoff FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_handoff();

-- What is to be written elsewhere is fixed once it is queued, but for the handoff's author; nothing is added to another's.
CREATE OR REPLACE FUNCTION public.pqldesk_guard_item() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    author text;
    of record;
BEGIN
    IF public.pqldesk_rank() IS DISTINCT FROM 'rep' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND OLD.handoff_id <> NEW.handoff_id) THEN
        SELECT lower(created_by) AS author, playbook, lead_id INTO of FROM public.handoff WHERE id = NEW.handoff_id;
        IF position('@' IN of.author) > 0 AND of.author <> public.pqldesk_me() THEN
            PERFORM public.pqldesk_refuse('anothers', of.author);
        END IF;
        IF of.lead_id <> NEW.lead_id OR (of.playbook = 'conflict' AND NEW.kind <> 'field') THEN
            PERFORM public.pqldesk_refuse('other_than_handoff', NEW.kind);
        END IF;
        IF TG_OP = 'INSERT' THEN
            RETURN NEW;
        END IF;
    END IF;
    SELECT lower(created_by) INTO author FROM public.handoff WHERE id = OLD.handoff_id;
    IF position('@' IN coalesce(author, '')) = 0 OR author = public.pqldesk_me() THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' OR (OLD.handoff_id, OLD.position, OLD.system, OLD.kind, OLD.payload, OLD.idempotency_key)
       IS DISTINCT FROM (NEW.handoff_id, NEW.position, NEW.system, NEW.kind, NEW.payload, NEW.idempotency_key) THEN
        PERFORM public.pqldesk_refuse('anothers', author);
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE OR DELETE ON public.outbox_item FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_item();

-- Who a lead is, and what hangs on it, goes only with a lead that one added oneself.
CREATE OR REPLACE FUNCTION public.pqldesk_guard_gone() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone jsonb := to_jsonb(OLD);
    number bigint;
    allowed boolean;
BEGIN
    IF public.pqldesk_rank() = 'owner' OR (public.pqldesk_rank() <> 'rep' AND TG_TABLE_NAME <> 'score_event') THEN
        RETURN OLD;
    END IF;
    number := CASE TG_TABLE_NAME
        WHEN 'hop' THEN (SELECT lead_id FROM public.submission WHERE id = (gone ->> 'submission_id')::bigint)
        ELSE (gone ->> 'lead_id')::bigint END;
    allowed := CASE
        WHEN TG_TABLE_NAME IN ('company', 'company_key') THEN NOT EXISTS (
            SELECT 1 FROM public.lead WHERE company_id = coalesce(gone ->> 'company_id', gone ->> 'id')::bigint
            AND NOT public.pqldesk_i_added(id))
        WHEN TG_TABLE_NAME = 'suggestion' THEN public.pqldesk_i_added(number)
            OR public.pqldesk_i_added((gone ->> 'other_id')::bigint)
        WHEN TG_TABLE_NAME = 'score_event' AND public.pqldesk_rank() <> 'rep' THEN true
        WHEN number IS NULL THEN false
        ELSE public.pqldesk_i_added(number) END;
    IF NOT allowed THEN
        PERFORM public.pqldesk_refuse('not_added_by_you', '');
    END IF;
    RETURN OLD;
END $$;

CREATE OR REPLACE FUNCTION public.pqldesk_guard_identity() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF public.pqldesk_rank() = 'rep'
       AND (public.pqldesk_lead_is_anothers(OLD.lead_id) OR public.pqldesk_lead_is_anothers(NEW.lead_id)) THEN
        PERFORM public.pqldesk_refuse('anothers_claim', '');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE UPDATE ON public.identity FOR EACH ROW
WHEN (OLD.lead_id IS NOT NULL AND (OLD.lead_id, OLD.folded) IS DISTINCT FROM (NEW.lead_id, NEW.folded))
EXECUTE FUNCTION public.pqldesk_guard_identity();

DO $$
DECLARE
    named text;
BEGIN
    FOREACH named IN ARRAY ARRAY['identity', 'identity_link', 'submission', 'hop', 'trial', 'suggestion',
                                 'score_event', 'company', 'company_key'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER pqldesk_guard_gone BEFORE DELETE ON public.%I FOR EACH ROW '
                       'EXECUTE FUNCTION public.pqldesk_guard_gone()', named);
    END LOOP;
END $$;

-- Settings: everybody has their own; the workspace's are for managers. Those that change scores are for admins, and so
-- is the secret of the tombstones: another one would let everybody back who was erased.
CREATE OR REPLACE FUNCTION public.pqldesk_guard_setting() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rank text := public.pqldesk_rank();
    named text;
BEGIN
    IF rank IN ('owner', 'admin') THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    FOREACH named IN ARRAY array_remove(ARRAY[CASE WHEN TG_OP <> 'INSERT' THEN OLD.key END,
                                              CASE WHEN TG_OP <> 'DELETE' THEN NEW.key END], NULL) LOOP
        IF starts_with(named, 'of ' || session_user || '/') THEN
            CONTINUE;
        END IF;
        IF starts_with(named, 'of ') THEN
            PERFORM public.pqldesk_refuse('anothers', '');
        ELSIF rank IS DISTINCT FROM 'manager' THEN
            PERFORM public.pqldesk_refuse('only_managers', named);
        ELSIF named IN ('milestones', 'tombstone_secret') OR starts_with(named, 'event_map.') THEN
            PERFORM public.pqldesk_refuse('only_admins', named);
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR UPDATE OR DELETE ON public.setting FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_setting();

-- Whose computer wrote a file: erasing a person deletes nobody else's.
CREATE OR REPLACE FUNCTION public.pqldesk_sign_file() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.login := session_user;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER pqldesk_sign BEFORE INSERT OR UPDATE ON public.written_file FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_sign_file();

-- A member whom a manager adds is a rep without a login; only pqldesk_grant gives one.
CREATE OR REPLACE FUNCTION public.pqldesk_guard_member() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_user = :'owner' OR public.pqldesk_rank() = 'owner' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF (TG_OP = 'INSERT' AND (NEW.login IS NOT NULL OR NEW.role <> 'rep'))
       OR (TG_OP = 'DELETE' AND OLD.login IS NOT NULL) THEN
        PERFORM public.pqldesk_refuse('only_admins', coalesce(NEW.email, OLD.email));
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER pqldesk_guard BEFORE INSERT OR DELETE ON public.member FOR EACH ROW
EXECUTE FUNCTION public.pqldesk_guard_member();

-- The team itself, with the owner's rights and for admins alone. Only logins of this database are touched.
CREATE OR REPLACE FUNCTION public.pqldesk_check_admin(login text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(public.pqldesk_rank() NOT IN ('owner', 'admin'), true) THEN
        PERFORM public.pqldesk_refuse('only_admins', '');
    END IF;
    IF NOT starts_with(login, :'database' || '.') THEN
        PERFORM public.pqldesk_refuse('not_of_this_workspace', login);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION public.pqldesk_grant(address text, account text, wanted text, verifier text, at bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text;
BEGIN
    PERFORM public.pqldesk_check_admin(account);
    IF wanted NOT IN ('rep', 'manager', 'admin') THEN
        RAISE EXCEPTION 'no role %', wanted;
    END IF;
    IF verifier IS NOT NULL AND verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
        RAISE EXCEPTION 'no verifier';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = account) THEN
        EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', account);
        EXECUTE format('ALTER ROLE %I INHERIT', account);
    END IF;
    IF verifier IS NOT NULL THEN
        EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', account, verifier);
    END IF;
    FOREACH named IN ARRAY ARRAY[:'rep', :'manager', :'admin'] LOOP
        IF pg_has_role(account, named, 'MEMBER') THEN
            EXECUTE format('REVOKE %I FROM %I', named, account);
        END IF;
    END LOOP;
    EXECUTE format('GRANT %I TO %I',
                   CASE wanted WHEN 'admin' THEN :'admin' WHEN 'manager' THEN :'manager' ELSE :'rep' END, account);
    UPDATE public.member SET role = wanted, login = account WHERE lower(email) = lower(address);
    IF NOT FOUND THEN
        INSERT INTO public.member (email, role, login, added_at) VALUES (address, wanted, account, at);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION public.pqldesk_drop(account text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text;
BEGIN
    PERFORM public.pqldesk_check_admin(account);
    IF account = session_user THEN
        PERFORM public.pqldesk_refuse('not_yourself', '');
    END IF;
    UPDATE public.member SET login = NULL, role = 'rep' WHERE login = account;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = account) THEN
        EXECUTE format('ALTER ROLE %I NOLOGIN', account);
        FOREACH named IN ARRAY ARRAY[:'rep', :'manager', :'admin'] LOOP
            EXECUTE format('REVOKE %I FROM %I', named, account);
        END LOOP;
        BEGIN
            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = account;
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;  -- what is still open has no rights left
        END;
        EXECUTE format('DROP ROLE %I', account);
    END IF;
END $$;

-- Erasing a person empties lines of history: the one change to it that there is, and it can only take words away.
CREATE OR REPLACE FUNCTION public.pqldesk_empty_row(number bigint, was text, becomes text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old record;
BEGIN
    IF coalesce(public.pqldesk_rank() NOT IN ('owner', 'admin'), true) THEN
        PERFORM public.pqldesk_refuse('only_admins', '');
    END IF;
    SELECT before, after INTO old FROM public.action_row WHERE id = number FOR UPDATE;
    IF NOT public.pqldesk_is_emptied(old.before, was) OR NOT public.pqldesk_is_emptied(old.after, becomes) THEN
        PERFORM public.pqldesk_refuse('history_stays', '');
    END IF;
    UPDATE public.action_row SET before = was, after = becomes WHERE id = number;
END $$;

CREATE OR REPLACE FUNCTION public.pqldesk_is_emptied(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN old IS NULL OR new IS NULL THEN old IS NULL AND new IS NULL
        WHEN old::jsonb = new::jsonb THEN true
        WHEN jsonb_typeof(old::jsonb) <> 'object' OR jsonb_typeof(new::jsonb) <> 'object' THEN false
        ELSE NOT EXISTS (
            SELECT 1 FROM jsonb_each(old::jsonb) o FULL JOIN jsonb_each(new::jsonb) n USING (key)
            WHERE o.value IS NULL OR n.value IS NULL OR (o.value <> n.value AND n.value <> '"erased"'))
    END
$$;

CREATE OR REPLACE FUNCTION public.pqldesk_empty_details(numbers bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(public.pqldesk_rank() NOT IN ('owner', 'admin'), true) THEN
        PERFORM public.pqldesk_refuse('only_admins', '');
    END IF;
    UPDATE public.action SET detail = 'erased' WHERE id = ANY (numbers) AND detail <> '';
END $$;

-- Whom a function serves it finds out by itself: see pqldesk_check_admin. Strangers call none of them.
REVOKE ALL ON FUNCTION public.pqldesk_grant(text, text, text, text, bigint), public.pqldesk_drop(text),
    public.pqldesk_empty_row(bigint, text, text), public.pqldesk_empty_details(bigint[]) FROM PUBLIC;
DO $$
BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION public.pqldesk_grant(text, text, text, text, bigint), '
                   'public.pqldesk_drop(text), public.pqldesk_empty_row(bigint, text, text), '
                   'public.pqldesk_empty_details(bigint[]) TO %I, %I, %I', :'admin', :'manager', :'rep');
END $$;
