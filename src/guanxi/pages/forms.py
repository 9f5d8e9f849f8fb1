"""The sample form of the gallery."""

from django import forms


class SampleForm(forms.Form):
    """Every kind of field, with a help text and with an error."""

    name = forms.CharField(label="名称 Name", help_text="一句话 · one line")
    number = forms.IntegerField(label="数量 Number", required=False)
    kind = forms.ChoiceField(label="种类 Kind", choices=[("a", "白茶 White tea"), ("b", "乌龙 Oolong")], required=False)
    note = forms.CharField(label="备注 Note", widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label="已同意 Agreed", required=False)
    file = forms.FileField(label="文件 File", required=False, help_text="CSV, XLSX")
