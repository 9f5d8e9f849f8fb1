"""The one tree of errors. Each names a refusal in the words of the trade; its text is shown to people.

GuanxiError
├── Refused            a verb that cannot be done now
│   ├── NotUndoable        ingest: the import cannot be taken back
│   ├── NotReady           ingest: the import is not in a state in which this can be done
│   ├── NotResumable       ingest: the import has nothing left to do
│   ├── TooManyWebhooks    ingest: the shop has all the webhooks that fit
│   ├── LeaseTaken         core: another process does this work now
│   ├── Stopped            core: the work was cancelled, or its worker ends
│   ├── PortTaken          web: another program listens there
│   ├── InTheWay           operation: what would be overwritten is there already
│   ├── SendingPaused      operation: nothing may be sent before a person confirms
│   ├── NotUpgradable      operation: the book may not be brought up to date like this
│   ├── BookBusy           operation: somebody has the book open
│   ├── BookMoved          operation: the book lies elsewhere now
│   ├── NeedsAnother       customers: a file of many people in the clear needs a second person
│   ├── NotAgreed          customers: nobody agreed to the file, or it was taken already
│   ├── NotYet             customers: what is to be erased is being worked on now
│   ├── NotErasable        privacy: nobody can be erased like this
│   ├── ChangedMeanwhile   customers: somebody else changed the same since
│   ├── TooManyFields      shop: a subject has all the fields of the shop's own that fit
│   ├── TooManyEntries     shop: the calendar has all the entries that fit
│   ├── NotAsHere          shop: a setting that came in a file cannot stand beside what is here
│   ├── FieldMoved         shop: somebody else wrote another value into the field meanwhile
│   ├── TagRetired         customers: nobody gets the tag any more
│   ├── NotExclusive       customers: somebody carries two tags of a group of which one is allowed
│   ├── NotMergeable       customers: two tags cannot become one
│   ├── CurrencyFixed      orders: a store has orders in its currency
│   ├── TooFew             insight: there are too few people to tell a set from the others
│   ├── NotebookMoved      insight: somebody saved another version of a notebook meanwhile
│   ├── TooManyNotebooks   insight: the shop has all the notebooks that fit
│   ├── TooManyQuestions   insight: somebody has all the queries at work that they may have
│   ├── RulesMoved         insight: somebody saved other rules of RFM meanwhile
│   ├── NotOnePerson       identity: customers cannot be merged, or this cannot be taken apart
│   ├── DecidedAlready     identity: somebody decided about two customers meanwhile
│   ├── NotRelatable       identity: two people cannot be related like this
│   ├── OtherRulesMeanwhile identity: somebody saved other rules of who is who meanwhile
│   ├── AlreadyTaken      identity: what was probably meant is somebody else's address
│   ├── TooManyViews       accounts: a list has all the views of somebody's that fit
│   ├── TooManyPasskeys    accounts: somebody has all the passkeys that fit
│   ├── TooLateToUndo      customers: the act is too long ago, or somebody else's
│   ├── AnotherShop        demo: the home holds a real shop
│   ├── AppendOnly         accounts: the audit trail stays as it is
│   ├── LastOwner          accounts: the shop would have no owner any more
│   ├── ScopeMissing       accounts: the key of the API does not allow this
│   ├── TooManyCalls       accounts: more calls than the key or the address may make
│   ├── AnsweredBefore     accounts: the same request was answered already
│   ├── KeyReused          accounts: an idempotency key came again with another request
│   ├── StillRunning       accounts: the first request of an idempotency key is at work
│   ├── RightsMoved        accounts: a key may see something else than when it was answered
│   ├── LinkSpent          accounts: the one-time link was used or has expired
│   └── TooManyAttempts    accounts: too many wrong passwords, wait
├── BadInput           something given from outside is wrong
│   ├── NoSuchCustomer     customers: no customer has the number that was given
│   ├── BadKey             accounts: the key of the API opens nothing
│   ├── NotProven          accounts: a passkey answers nothing that was asked
│   ├── NotValid           accounts: fields of a request to the API cannot be taken
│   ├── BadFile            guard: the file is not what it should be
│   ├── BadMapping         ingest: columns and fields do not fit
│   ├── BadPeople          identity: a file of people cannot be compared
│   │   └── NoSuchColumn       identity: a column that is to be left out is not there
│   ├── BadScheme          insight: the rules of RFM contradict themselves
│   ├── BadExperiment      experiments: an experiment that cannot be, or a file that holds none
│   ├── BadHorizon         insight: a forecast is asked for no day, or too far ahead
│   ├── BadWeek            insight: a week is not named as 2026-W47
│   ├── NotWritten         insight: a file cannot be written where it should be
│   ├── BadDays            insight: no moves between classes are kept between two days
│   ├── BadCosts           insight: a file of marketing costs cannot be taken
│   ├── BadRules           identity: the rules of who is who contradict themselves
│   ├── BadSettings        shop: the file is no settings file that can be taken here
│   ├── BadRecord          shop: a setting that came in a file contradicts itself
│   ├── NoPermission       accounts: a settings file names a permission that there is not
│   ├── BadStore           orders: a settings file tells of a store that cannot be
│   ├── BadValue           shop: a value does not fit its field
│   ├── NobodySuch         insight: no customer or product has the id that was given
│   ├── NoSuchSet          insight: nothing is called as the set of customers that was asked for
│   ├── NoList             insight: a file cannot be read as a list of customers
│   ├── NoFunnel           insight: steps, a window or a filter that make no funnel
│   ├── BadQuery           warehouse: the SQL is not one allowed SELECT
│   ├── BadEngine          warehouse: no engine goes by that name or at that address
│   ├── NoSuchMart         warehouse: no mart has the name that was given
│   ├── BadBackup          operation: the file is no whole backup of this kind of book
│   ├── BadAddress         guard: the address may not be called
│   └── BadToken           guard: the link is forged, for something else, or over
└── Failed             something of ours or of the machine broke
    ├── LeaseLost          core: another worker has the work now
    ├── Unreadable         guard: a sealed value cannot be opened
    ├── Unreachable        guard: the other side did not answer as it should
    ├── NoSpace            guard: the disk is too full to take the file
    ├── NotTheSame         operation: a copy is not what it was made from
    ├── ChainBroken        accounts: the audit trail is not what was sealed
    ├── LakeBroken         warehouse: the lake lacks what the book says it holds
    ├── LakeAway           warehouse: the object store of the lake does not answer as it should
    ├── EngineFailed       warehouse: the engine could not compute what it was asked for
    │   ├── StepFailed         warehouse: a step of a mart could not be computed
    │   └── EngineAway         warehouse: the Spark Connect server does not answer, or not as it should
    └── MartBroken         warehouse: a mart does not fit its tables
"""


class GuanxiError(Exception):
    """Any error of Guanxi whose text may be shown to a person."""


class Refused(GuanxiError):
    """A verb that cannot be done in the present state."""


class BadInput(GuanxiError):
    """Something given from outside is wrong; the text says what and how to mend it."""


class Failed(GuanxiError):
    """Something broke on our side."""
